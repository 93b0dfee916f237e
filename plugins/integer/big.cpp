#include "integer/big.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "integer/digits.h"
#include "integer/scan.h"

namespace integer {
namespace {

constexpr std::uint64_t limb_base = 1'000'000'000;
constexpr std::size_t digits_of_limb = 9;

// A number in base 1,000,000,000, the lowest limb first. Only the first `size` limbs have a value.
template <std::size_t capacity>
struct Limbs {
  std::array<std::uint32_t, capacity> limb;
  std::size_t size;
};

constexpr std::size_t max_limbs = (max_digits + digits_of_limb - 1) / digits_of_limb;
using Factor = Limbs<max_limbs>;
using Product = Limbs<2 * max_limbs>;

// `digits` are 1 to max_digits of them, the first not '0'.
void read_limbs(std::string_view digits, Factor& number) {
  number.size = 0;
  std::size_t end = digits.size();
  for (; end >= digits_of_limb; end -= digits_of_limb) {
    const char* at = digits.data() + end - digits_of_limb;
    number.limb[number.size++] = digit_value(at[0]) * 100'000'000 + eight_digits(at + 1);
  }
  if (end == 0) return;
  std::uint32_t highest = 0;
  for (std::size_t i = 0; i < end; ++i) highest = highest * 10 + digit_value(digits[i]);
  number.limb[number.size++] = highest;
}

// The sum of low[i] * high[-i], as quotient and remainder of limb_base. Eighteen products of two
// limbs fit in 64 bits; a division for each sixteen is enough.
struct Column {
  std::uint64_t quotient = 0;
  std::uint64_t remainder = 0;
};

Column sum_of_products(const std::uint32_t* low, const std::uint32_t* high, std::size_t count) {
  constexpr std::size_t products_at_once = 16;
  Column column;
  while (count != 0) {
    const std::size_t some = std::min(count, products_at_once);
    std::uint64_t sum = column.remainder;
    for (std::size_t i = 0; i < some; ++i) sum += std::uint64_t{low[i]} * *(high - i);
    column.quotient += sum / limb_base;
    column.remainder = sum % limb_base;
    low += some;
    high -= some;
    count -= some;
  }
  return column;
}

// Column by column; each product of two different limbs occurs twice, and is computed once.
void square_limbs(const Factor& number, Product& square) {
  const std::uint32_t* limb = number.limb.data();
  std::uint64_t carry = 0;
  square.size = 2 * number.size;
  for (std::size_t k = 0; k + 1 < square.size; ++k) {
    const std::size_t first = k < number.size ? 0 : k - number.size + 1;
    const std::size_t pairs = (k + 1 - 2 * first) / 2;
    const Column column = sum_of_products(limb + first, limb + k - first, pairs);
    std::uint64_t rest = 2 * column.remainder + carry;
    if (k % 2 == 0) rest += std::uint64_t{limb[k / 2]} * limb[k / 2];
    square.limb[k] = static_cast<std::uint32_t>(rest % limb_base);
    carry = rest / limb_base + 2 * column.quotient;
  }
  square.limb[square.size - 1] = static_cast<std::uint32_t>(carry);
  if (carry == 0) --square.size;
}

// Writes the number, which has no leading zero limb, and returns the end.
char* write_limbs(char* to, const Product& number) {
  to = write_number(to, number.limb[number.size - 1]);
  for (std::size_t i = number.size - 1; i-- != 0; to += digits_of_limb)
    write_nine_digits(to, number.limb[i]);
  return to;
}

}  // namespace

char* write_square(char* to, std::string_view digits) {
  Factor number;
  Product square;
  read_limbs(digits, number);
  square_limbs(number, square);
  return write_limbs(to, square);
}

// A carry never runs: a digit twice, without its ten, is at most 8, so one that comes from the
// right stops there.
char* write_double(char* to, std::string_view digits) {
  if (digits.front() >= '5') *to++ = '1';
  const std::size_t last = digits.size() - 1;
  const auto doubled = [](char digit) { return 2 * (digit - '0') - (digit >= '5' ? 10 : 0); };
  for (std::size_t i = 0; i < last; ++i)
    to[i] = static_cast<char>('0' + doubled(digits[i]) + (digits[i + 1] >= '5' ? 1 : 0));
  to[last] = static_cast<char>('0' + doubled(digits[last]));
  return to + digits.size();
}

}  // namespace integer
