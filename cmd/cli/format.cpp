#include "cmd/cli/format.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <string_view>

namespace asyncd {

namespace {

std::string three_digits(double value) {
  const int fewer = value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : fewer);
}

}  // namespace

std::string show_time(Duration time) {
  constexpr std::array<std::string_view, 4> units{"ns", "us", "ms", "s"};
  auto value = static_cast<double>(time.count());
  if (value < 1000) return fmt::format("{:.0f} ns", value);
  std::size_t unit = 0;
  for (; unit + 1 < units.size() && value >= 999.5; ++unit) value /= 1000;
  return three_digits(value) + " " + std::string(units[unit]);
}

std::string show_count(double count) {
  std::string digits = fmt::format("{:.0f}", std::round(count));
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, ",");
  return digits;
}

std::string show_connections(std::uint64_t count) {
  return show_count(double(count)) + (count == 1 ? " connection" : " connections");
}

std::string show_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> units{"B", "KiB", "MiB", "GiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; unit + 1 < units.size() && value >= 1024; ++unit) value /= 1024;
  return three_digits(value) + " " + std::string(units[unit]);
}

std::string show_percent(double part) { return three_digits(part * 100) + " %"; }

std::string show_ratio(double ratio) {
  return std::isinf(ratio) ? "no end" : fmt::format("{:.2f}x", ratio);
}

}  // namespace asyncd
