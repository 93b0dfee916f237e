// What is safe to print, whatever bytes it is made of. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asyncd::text {

// How many bytes the UTF-8 character takes that `bytes` begins with; 0 where none does.
std::size_t utf8_length(std::string_view bytes);

// As much of it as `limit` bytes hold, without a part of a character at the end.
std::string_view beginning(std::string_view bytes, std::size_t limit);

// Control bytes, double quotes and backslashes escaped, bytes that are not UTF-8 as \xNN, cut after
// `limit` bytes with
// "...".
std::string printable(std::string_view bytes, std::size_t limit = 256);

// The same for what is shown without quotes around it: double quotes and backslashes stay as they
// are.
std::string shown(std::string_view bytes, std::size_t limit = 256);

// The same for a message of several lines, whatever its length: the ends of lines stay.
std::string shown_lines(std::string_view text);

// Where the first character is that acts on a terminal, and so has no place in a path or a name: a
// control byte, or one of U+0080 to U+009F; npos: nowhere.
std::size_t find_control(std::string_view text);

// `text` as a JSON string with its quotes, which is a TOML string too: what acts on a terminal is
// escaped, each byte that is not UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

}  // namespace asyncd::text
