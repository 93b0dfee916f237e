// What people and programs are shown, judged without core/text: this is the oracle of what
// that makes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fuzz {

// The length of the UTF-8 character that `bytes` begins with and its number; 0 where none does.
struct Character {
  std::size_t length = 0;
  char32_t number = 0;
};
Character first_character(std::string_view bytes);

bool is_utf8(std::string_view bytes);

// Whether a terminal shows the text and does nothing else: UTF-8 without control characters, marks
// of direction or separators of lines, except for those ASCII characters that are `allowed`.
bool is_shown(std::string_view text, std::string_view allowed = "");

// What a JSON string with its quotes stands for; nothing where it is not valid.
std::optional<std::string> read_json(std::string_view quoted);

}  // namespace fuzz
