#include "shown.h"

#include <algorithm>
#include <array>

namespace fuzz {

namespace {

struct Range {
  char32_t first, last;
};

// The characters of the kinds Cc, Zl and Zp, and those with the property Bidi_Control.
constexpr std::array<Range, 7> acting{{{0, 0x1f},
                                       {0x7f, 0x9f},
                                       {0x61c, 0x61c},
                                       {0x200e, 0x200f},
                                       {0x2028, 0x202e},
                                       {0x2066, 0x2069},
                                       {0xd800, 0xdfff}}};

void append(std::string& out, char32_t number) {
  if (number < 0x80) {
    out += static_cast<char>(number);
  } else if (number < 0x800) {
    out += static_cast<char>(0xc0 | number >> 6);
    out += static_cast<char>(0x80 | (number & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | number >> 12);
    out += static_cast<char>(0x80 | (number >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (number & 0x3f));
  }
}

// The four digits behind "\u"; surrogates are not written here.
std::optional<char32_t> read_hex(std::string_view digits) {
  if (digits.size() != 4) return std::nullopt;
  char32_t number = 0;
  for (const char digit : digits) {
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    number = number * 16 + static_cast<char32_t>(value);
  }
  return number;
}

}  // namespace

Character first_character(std::string_view bytes) {
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (bytes.empty()) return {};
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return {1, first};
  const std::size_t shorter = first >= 0xe0 ? 3 : 2;
  const std::size_t length = first >= 0xf0 ? 4 : shorter;
  if (first < 0xc0 || first >= 0xf8 || bytes.size() < length) return {};
  char32_t number = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xc0) != 0x80) return {};
    number = number << 6 | (next & 0x3f);
  }
  const bool surrogate = number >= 0xd800 && number <= 0xdfff;
  if (number < least[length] || number > 0x10ffff || surrogate) return {};
  return {length, number};
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = first_character(bytes).length;
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

bool is_shown(std::string_view text, std::string_view allowed) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.length == 0) return false;
    const bool acts = std::any_of(acting.begin(), acting.end(), [&](const Range& range) {
      return character.number >= range.first && character.number <= range.last;
    });
    if (acts && allowed.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

std::optional<std::string> read_json(std::string_view quoted) {
  constexpr std::string_view escaped = "\"\\/bfnrt", meaning = "\"\\/\b\f\n\r\t";
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const Character character = first_character(rest);
    if (character.length == 0 || character.number < 0x20 || character.number == '"')
      return std::nullopt;
    if (character.number != '\\') {
      out += rest.substr(0, character.length);
      rest.remove_prefix(character.length);
      continue;
    }
    if (rest.size() < 2) return std::nullopt;
    const std::size_t known = escaped.find(rest[1]);
    const std::optional<char32_t> number =
        rest[1] == 'u' ? read_hex(rest.substr(2, 4)) : std::nullopt;
    if (known == std::string_view::npos && !number) return std::nullopt;
    append(out, number ? *number : static_cast<char32_t>(meaning[known]));
    rest.remove_prefix(number ? 6 : 2);
  }
  return out;
}

}  // namespace fuzz
