// What an integer looks like in a message: white space, a sign, up to 4,300 decimal digits, white
// space. Pure functions; the views point into the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "integer/digits.h"

namespace integer {

// Leading zeros count: the limit bounds what has to be read, whatever its value.
inline constexpr std::size_t max_digits = 4300;

enum class Fault { none, empty, not_an_integer, too_long };

struct Scanned {
  Fault fault = Fault::none;
  bool negative = false;     // may be set for zero
  std::string_view digits;   // without leading zeros; empty for zero
  std::string_view trimmed;  // the message without the white space around it
};

inline bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

inline bool is_sign(char byte) { return byte == '-' || byte == '+'; }

// Any message.
Scanned scan(std::string_view message);

struct Small {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool found = false;
};

// The quick way for integers of at most 18 digits, which is nearly all of them. Where it finds
// none, scan() decides.
inline Small scan_small(std::string_view message) {
  constexpr std::ptrdiff_t most_digits = 18;
  Small small;
  const char* at = message.data();
  const char* const end = at + message.size();
  while (at != end && is_space(*at)) ++at;
  if (at != end && is_sign(*at)) small.negative = *at++ == '-';
  const char* const first = at;
  const char* const last = end - at > most_digits ? at + most_digits : end;
  while (last - at >= 8 && are_eight_digits(at)) {
    small.magnitude = small.magnitude * 100'000'000 + eight_digits(at);
    at += 8;
  }
  for (; at != last && is_digit(*at); ++at)
    small.magnitude = small.magnitude * 10 + digit_value(*at);
  const bool any = at != first;
  while (at != end && is_space(*at)) ++at;
  small.found = any && at == end;
  return small;
}

}  // namespace integer
