#include "core/text/escape.h"

#include <algorithm>

namespace asyncd::text {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

unsigned octet(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

bool continues(std::string_view bytes, std::size_t index) {
  return index < bytes.size() && (octet(bytes, index) & 0xC0U) == 0x80U;
}

void append_octet(std::string& out, unsigned value) {
  out += "\\x";
  out += hex_digits[value >> 4U];
  out += hex_digits[value & 0xFU];
}

bool is_control(unsigned first) { return first < 0x20 || first == 0x7F; }

// Characters that are valid but act on a terminal or on the order of what is shown: U+0080 to
// U+009F, the marks of direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), the
// separators of lines (U+2028, U+2029).
bool is_unseen(std::string_view character) {
  const unsigned first = octet(character, 0);
  if (first == 0xC2) return octet(character, 1) < 0xA0;
  if (first == 0xD8) return octet(character, 1) == 0x9C;
  if (first != 0xE2) return false;
  const unsigned second = octet(character, 1), third = octet(character, 2);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

void append_shown(std::string& out, std::string_view character) {
  if (character == "\n") {
    out += "\\n";
  } else if (character == "\r") {
    out += "\\r";
  } else if (character == "\t") {
    out += "\\t";
  } else if (is_control(octet(character, 0)) || is_unseen(character)) {
    for (std::size_t i = 0; i < character.size(); ++i) append_octet(out, octet(character, i));
  } else {
    out += character;
  }
}

std::string escaped(std::string_view bytes, std::size_t limit, bool in_quotes) {
  std::string out;
  std::string_view rest = beginning(bytes, limit);
  const bool cut = rest.size() < bytes.size();
  while (!rest.empty()) {
    const std::size_t length = utf8_length(rest);
    if (in_quotes && (rest[0] == '"' || rest[0] == '\\')) out += '\\';
    if (length == 0)
      append_octet(out, octet(rest, 0));
    else
      append_shown(out, rest.substr(0, length));
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return cut ? out + "..." : out;
}

// Of a character of up to three bytes.
unsigned code_point(std::string_view character) {
  const unsigned first = octet(character, 0);
  if (character.size() == 1) return first;
  if (character.size() == 2) return (first & 0x1FU) << 6U | (octet(character, 1) & 0x3FU);
  return (first & 0xFU) << 12U | (octet(character, 1) & 0x3FU) << 6U |
         (octet(character, 2) & 0x3FU);
}

void append_code_unit(std::string& out, unsigned code) {
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += hex_digits[code >> shift & 0xFU];
}

void append_json(std::string& out, std::string_view character) {
  switch (character[0]) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_control(octet(character, 0)) || is_unseen(character))
    append_code_unit(out, code_point(character));
  else
    out += character;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const unsigned first = octet(bytes, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !continues(bytes, 1)) return 0;
  if (first < 0xE0) return 2;
  const unsigned second = octet(bytes, 1);
  if (!continues(bytes, 2)) return 0;
  // Overlong forms and surrogates are not UTF-8.
  if (first < 0xF0)
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ? 0 : 3;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return continues(bytes, 3) ? 4 : 0;
}

std::string_view beginning(std::string_view bytes, std::size_t limit) {
  if (bytes.size() <= limit) return bytes;
  // The last character may begin up to three bytes before the limit, and end behind it.
  for (std::size_t back = std::min<std::size_t>(limit, 3); back != 0; --back)
    if (utf8_length(bytes.substr(limit - back)) > back) return bytes.substr(0, limit - back);
  return bytes.substr(0, limit);
}

std::string printable(std::string_view bytes, std::size_t limit) {
  return escaped(bytes, limit, true);
}

std::string shown(std::string_view bytes, std::size_t limit) {
  return escaped(bytes, limit, false);
}

std::string shown_lines(std::string_view text) {
  std::string out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    out += shown(text.substr(begin, end - begin), text.size());
    if (end == std::string_view::npos) return out;
    out += '\n';
    begin = end + 1;
  }
}

std::size_t find_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_high =
        octet(text, i) == 0xC2 && continues(text, i + 1) && octet(text, i + 1) < 0xA0;
    if (is_control(octet(text, i)) || is_high) return i;
  }
  return std::string_view::npos;
}

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      append_json(out, text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

}  // namespace asyncd::text
