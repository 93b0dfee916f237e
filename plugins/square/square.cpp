// square: replies with the exact square of a decimal integer.
#include "asyncd.hpp"
#include "integer/big.h"
#include "integer/digits.h"
#include "integer/refuse.h"
#include "integer/scan.h"

namespace {

// The square of a number below 10^18, cut in two halves of nine digits each, so that every product
// fits in 64 bits.
char* write_small_square(char* to, std::uint64_t number) {
  if (number >> 32 == 0) return integer::write_number(to, number * number);
  constexpr std::uint64_t base = 1'000'000'000;
  const std::uint64_t high = number / base;
  const std::uint64_t low = number % base;
  const std::uint64_t lowest = low * low;
  const std::uint64_t middle = 2 * high * low + lowest / base;
  to = integer::write_number(to, high * high + middle / base);
  integer::write_nine_digits(to, static_cast<std::uint32_t>(middle % base));
  integer::write_nine_digits(to + 9, static_cast<std::uint32_t>(lowest % base));
  return to + 18;
}

// What scan_small() leaves: 19 digits and more, and what is not an integer.
void answer_any(std::string_view message, asyncd::reply& reply) {
  const integer::Scanned scanned = integer::scan(message);
  if (scanned.fault != integer::Fault::none) return integer::refuse(scanned, reply);
  if (scanned.digits.empty()) return reply.append('0');
  char* to = reply.reserve(2 * scanned.digits.size());
  if (to != nullptr)
    reply.commit(static_cast<std::uint64_t>(integer::write_square(to, scanned.digits) - to));
}

struct Square {
  static constexpr const char* summary = "Replies with the square of an integer, exactly";

  void on_message(std::string_view message, asyncd::reply& reply) const noexcept {
    const integer::Small small = integer::scan_small(message);
    if (!small.found) [[unlikely]]
      return answer_any(message, reply);
    char* to = reply.reserve(36);
    if (to != nullptr)
      reply.commit(static_cast<std::uint64_t>(write_small_square(to, small.magnitude) - to));
  }
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(Square);
