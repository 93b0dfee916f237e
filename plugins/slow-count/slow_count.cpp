// slow-count: replies with the number of primes below a number, which it counts away from the
// thread that serves.
#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "asyncd_async.hpp"

namespace {

// Its square is the largest limit that there is.
constexpr std::uint32_t largest_root = 100'000;
constexpr std::int64_t largest_limit = std::int64_t{largest_root} * largest_root;

std::vector<std::uint32_t> primes_up_to(std::uint32_t end) {
  std::vector<bool> composite(end + 1);
  std::vector<std::uint32_t> primes;
  for (std::uint32_t candidate = 2; candidate <= end; ++candidate) {
    if (composite[candidate]) continue;
    primes.push_back(candidate);
    for (std::uint64_t multiple = std::uint64_t{candidate} * candidate; multiple <= end;
         multiple += candidate)
      composite[multiple] = true;
  }
  return primes;
}

// Of [begin, end), which is at most as long as a segment is.
constexpr std::uint64_t segment = 1 << 18;
using Sieve = std::bitset<segment>;

std::uint64_t count_segment(std::uint64_t begin, std::uint64_t end,
                            const std::vector<std::uint32_t>& primes, Sieve& composite) {
  composite.reset();
  for (const std::uint64_t prime : primes) {
    if (prime * prime >= end) break;
    const std::uint64_t first = std::max(prime * prime, (begin + prime - 1) / prime * prime);
    for (std::uint64_t multiple = first; multiple < end; multiple += prime)
      composite.set(multiple - begin);
  }
  std::uint64_t count = 0;
  for (std::uint64_t number = begin; number < end; ++number)
    count += composite.test(number - begin) ? 0 : 1;
  return count;
}

std::uint64_t count_primes_below(std::uint64_t end) {
  std::uint32_t root = 1;
  while (std::uint64_t{root} * root < end) ++root;
  const std::vector<std::uint32_t> primes = primes_up_to(root);
  Sieve composite;
  std::uint64_t count = 0;
  for (std::uint64_t begin = 2; begin < end; begin += segment)
    count += count_segment(begin, std::min(begin + segment, end), primes, composite);
  return count;
}

struct SlowCount {
  static constexpr const char* summary = "Counts the primes below a number, which takes its time";
  static constexpr asyncd_option options[] = {asyncd::integer_option(
      "limit", "100000000", "the largest number that is accepted, at most 10000000000")};

  explicit SlowCount(const asyncd::options& given) : limit(given.integer("limit")) {
    if (limit < 1 || limit > largest_limit)
      throw std::invalid_argument("limit must be from 1 to " + std::to_string(largest_limit));
  }

  asyncd::task<> on_message(asyncd::call call) const {
    std::int64_t number = 0;
    if (!read(call, number)) co_return;
    const std::uint64_t count = co_await call.offload(
        [end = static_cast<std::uint64_t>(number)] { return count_primes_below(end); });
    append(call, count);
  }

 private:
  static void append(asyncd::call call, std::uint64_t number) {
    std::array<char, 20> digits;
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    call.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  bool read(asyncd::call call, std::int64_t& number) const {
    const std::string_view text = call.message();
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong == std::errc::invalid_argument || end != text.data() + text.size()) {
      call.error("not an integer");
    } else if (wrong == std::errc::result_out_of_range || number > limit) {
      call.error("the number is too large (limit ");
      append(call, static_cast<std::uint64_t>(limit));
      call.append(")");
    } else if (number < 0) {
      call.error("the number is negative");
    } else {
      return true;
    }
    return false;
  }

  std::int64_t limit;
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(SlowCount);
