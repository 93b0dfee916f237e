// Small text tools: how people write durations, sizes and counts, what they probably meant, and
// what is safe to print. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace asyncd::text {

// "500ms", "2s", "3m", "1h", "250us", "10ns"; a bare number has no unit and is refused. Negative
// values are refused.
std::optional<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration value);  // shortest exact form that parse_duration reads back
std::string show_duration(
    Duration value);  // what was measured, for people: two digits and a unit, "1.7s", "312ms"

// "64KiB", "1MiB", "2GiB", or plain bytes ("65536", "100B").
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

// "1000", "10k", "2M": decimal.
std::optional<std::uint64_t> parse_count(std::string_view text);

std::optional<std::int64_t> parse_integer(std::string_view text);

// The candidate that `word` was probably meant to be, or nothing: the one with the least edit
// distance, of at most a third of its length (case, and '-' for '_', count as equal); failing that,
// the one that `word` begins.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

// "; did you mean 'X'?" or "".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

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

// "UTF-16 (little-endian)" and its like: what the bytes seem to be that are not UTF-8; or empty.
std::string_view foreign_encoding(std::string_view bytes);

// `text` as a JSON string with its quotes, which is a TOML string too: what acts on a terminal is
// escaped, each byte that is not UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

std::string join(std::span<const std::string_view> words, std::string_view separator);

}  // namespace asyncd::text
