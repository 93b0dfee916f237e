#include "core/log/format.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "core/text/escape.h"

namespace asyncd::log {

namespace {

std::string_view color_of(Level level) {
  switch (level) {
    case Level::trace:
      return "\x1b[90m";
    case Level::debug:
      return "\x1b[36m";
    case Level::info:
      return "\x1b[32m";
    case Level::warn:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
    case Level::off:
      break;
  }
  return "";
}

constexpr std::string_view end_of_color = "\x1b[0m";

constexpr std::size_t longest_level = 5;  // all are padded to it

// Bytes of a message, and of a field's value. So each line is bounded, and the queue with it.
constexpr std::size_t longest_value = 1024;

// The value as it is where that is unambiguous, else in quotes.
std::string text_value(std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
  if (plain && value.size() <= longest_value) return std::string(value);
  return '"' + text::printable(value, longest_value) + '"';
}

std::string json_value(std::string_view value) {
  const std::string_view kept = text::beginning(value, longest_value);
  if (kept.size() == value.size()) return text::json_quote(value);
  return text::json_quote(std::string(kept) + "...");
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count();
  const std::tm utc = fmt::gmtime(std::chrono::system_clock::to_time_t(seconds));
  return fmt::format("{:%FT%T}.{:06}Z", utc, micros);
}

}  // namespace

std::string format_text(Level level, std::string_view message, Fields fields, std::string_view time,
                        bool color) {
  const std::string_view name = name_of(level);
  std::string line(time);
  line.append(" ").append(color ? color_of(level) : "").append(name);
  line.append(longest_level - name.size(), ' ').append(color ? end_of_color : "").append(" ");
  line.append(text::printable(message, longest_value));
  for (const Field& field : fields)
    if (!field.key().empty())
      line.append(" ").append(field.key()).append("=").append(text_value(field.value()));
  return line;
}

std::string format_json(Level level, Event event, std::string_view message, Fields fields,
                        std::string_view time) {
  std::string line = "{\"ts\":\"" + std::string(time) + "\",\"level\":\"" +
                     std::string(name_of(level)) + "\",\"msg\":" + json_value(message) +
                     ",\"event\":\"" + std::string(event.word()) + '"';
  for (const Field& field : fields) {
    if (field.key().empty()) continue;
    line += ',' + text::json_quote(field.key()) + ':';
    line += field.number() ? field.value() : json_value(field.value());
  }
  return line + '}';
}

std::string format_line(Style style, Level level, Event event, std::string_view message,
                        Fields fields) {
  return style.json ? format_json(level, event, message, fields, timestamp())
                    : format_text(level, message, fields, timestamp(), style.color);
}

}  // namespace asyncd::log
