// Decimal digits to numbers and back, many at a time. Pure functions.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace integer {

inline std::uint32_t digit_value(char byte) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) - '0';
}

inline bool is_digit(char byte) { return digit_value(byte) < 10; }

// The eight bytes as a number whose lowest byte is the first of them.
inline std::uint64_t load_eight(const char* text) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little)
    std::memcpy(&word, text, 8);
  else
    for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<unsigned char>(text[i]);
  return word;
}

// A digit is a byte whose high half is 3, before and after 6 is added.
inline bool are_eight_digits(const char* text) {
  const std::uint64_t word = load_eight(text);
  const std::uint64_t raised = word + 0x0606060606060606;
  return ((word & 0xf0f0f0f0f0f0f0f0) | (raised & 0xf0f0f0f0f0f0f0f0) >> 4) == 0x3333333333333333;
}

// The value of eight digits: joins neighbours to pairs, the pairs to fours, the fours to eight.
inline std::uint32_t eight_digits(const char* text) {
  std::uint64_t word = load_eight(text) & 0x0f0f0f0f0f0f0f0f;
  word = (word * 10 + (word >> 8)) & 0x00ff00ff00ff00ff;
  word = (word * 100 + (word >> 16)) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(word * 10'000 + (word >> 32));
}

// "00", "01" ... "99".
inline constexpr auto digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (unsigned i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

inline constexpr auto powers_of_ten = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (auto& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

// 1233 / 4096 is log10(2), close enough for 64 bits: the estimate is the count or one less.
inline unsigned count_digits(std::uint64_t value) {
  const unsigned estimate = static_cast<unsigned>(std::bit_width(value | 1)) * 1233 >> 12;
  return estimate + ((value | 1) >= powers_of_ten[estimate] ? 1 : 0);
}

inline void write_pair(char* to, std::uint32_t below_100) {
  std::memcpy(to, &digit_pairs[2 * below_100], 2);
}

inline void write_eight_digits(char* to, std::uint32_t value) {
  const std::uint32_t high = value / 10'000;
  const std::uint32_t low = value % 10'000;
  write_pair(to, high / 100);
  write_pair(to + 2, high % 100);
  write_pair(to + 4, low / 100);
  write_pair(to + 6, low % 100);
}

inline void write_nine_digits(char* to, std::uint32_t value) {
  to[0] = static_cast<char>('0' + value / 100'000'000);
  write_eight_digits(to + 1, value % 100'000'000);
}

// Writes at most 20 digits and returns their end.
inline char* write_number(char* to, std::uint64_t value) {
  char* const end = to + count_digits(value);
  char* at = end;
  while (value >= 100'000'000) {
    at -= 8;
    write_eight_digits(at, static_cast<std::uint32_t>(value % 100'000'000));
    value /= 100'000'000;
  }
  auto rest = static_cast<std::uint32_t>(value);
  while (rest >= 100) {
    at -= 2;
    write_pair(at, rest % 100);
    rest /= 100;
  }
  if (rest >= 10)
    write_pair(at - 2, rest);
  else
    at[-1] = static_cast<char>('0' + rest);
  return end;
}

}  // namespace integer
