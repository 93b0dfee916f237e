// How people write durations, sizes and counts. Pure functions, any thread.
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

std::string join(std::span<const std::string_view> words, std::string_view separator);

}  // namespace asyncd::text
