#include "core/text/text.h"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace asyncd::text {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first: formatting takes the first that divides.
constexpr std::array<Unit, 6> duration_units{{{"h", 3'600'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"s", 1'000'000'000},
                                              {"ms", 1'000'000},
                                              {"us", 1'000},
                                              {"ns", 1}}};
constexpr std::array<Unit, 5> size_units{
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};
constexpr std::array<Unit, 3> count_units{{{"G", 1'000'000'000}, {"M", 1'000'000}, {"k", 1'000}}};

// Digits, then one of the units; without a unit only where `bare_allowed`.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                             bool bare_allowed) {
  std::uint64_t number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (unit_name.empty()) return bare_allowed ? std::optional(number) : std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != unit_name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

std::string format_with_unit(std::uint64_t value, std::span<const Unit> units,
                             std::string_view unit_of_zero) {
  if (value == 0) return "0" + std::string(unit_of_zero);
  for (const Unit& unit : units)
    if (value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  return std::to_string(value);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto nanoseconds = parse_with_unit(text, duration_units, false);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!nanoseconds || *nanoseconds > most) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*nanoseconds));
}

std::string format_duration(Duration value) {
  const std::int64_t nanoseconds = value.count();
  if (nanoseconds >= 0)
    return format_with_unit(static_cast<std::uint64_t>(nanoseconds), duration_units, "s");
  return "-" + format_with_unit(~static_cast<std::uint64_t>(nanoseconds) + 1, duration_units, "s");
}

std::string show_duration(Duration value) {
  if (value < Duration(0))
    return "-" + show_duration(value == Duration::min() ? Duration::max() : -value);
  const auto nanoseconds = static_cast<std::uint64_t>(value.count());
  // nothing here is told in less than microseconds
  const Unit* unit = &duration_units[duration_units.size() - 2];
  for (const Unit& one : duration_units)
    if (one.factor > unit->factor && nanoseconds >= one.factor) {
      unit = &one;
      break;
    }
  // Up to ten of them with a decimal.
  const std::uint64_t tenths = (nanoseconds + unit->factor / 20) / (unit->factor / 10);
  std::string text =
      std::to_string(tenths >= 100 ? (nanoseconds + unit->factor / 2) / unit->factor : tenths / 10);
  if (tenths < 100 && tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + std::string(unit->name);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units, true);
}

std::string format_size(std::uint64_t bytes) { return format_with_unit(bytes, size_units, "B"); }

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse_with_unit(text, count_units, true);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::string join(std::span<const std::string_view> words, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) joined += separator;
    joined += words[i];
  }
  return joined;
}

}  // namespace asyncd::text
