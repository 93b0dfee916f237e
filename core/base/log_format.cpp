#include <algorithm>
#include <array>

#include "core/base/log.h"
#include "core/base/text.h"

namespace asyncd::log {

namespace {

struct LevelStyle {
  std::string_view name;
  std::string_view padded;
  std::string_view color;
};

constexpr std::array<LevelStyle, 6> styles{{{"trace", "trace", "\x1b[90m"},
                                            {"debug", "debug", "\x1b[36m"},
                                            {"info", "info ", "\x1b[32m"},
                                            {"warn", "warn ", "\x1b[33m"},
                                            {"error", "error", "\x1b[31m"},
                                            {"off", "off  ", ""}}};

const LevelStyle& style_of(Level level) { return styles[static_cast<std::size_t>(level)]; }

constexpr std::size_t longest_value = 1024;

// As it is where that is unambiguous, else in quotes.
std::string text_value(std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
  if (plain && value.size() <= longest_value) return std::string(value);
  return '"' + text::printable(value, longest_value) + '"';
}

}  // namespace

bool RateLimit::allow(Instant now, std::uint64_t& suppressed) {
  if (now < next_) {
    ++suppressed_;
    return false;
  }
  next_ = now + std::chrono::seconds(1);
  suppressed = std::exchange(suppressed_, 0);
  return true;
}

std::string format_text(Level level, std::string_view message, Fields fields, std::string_view time, bool color) {
  const LevelStyle& style = style_of(level);
  std::string line(time);
  line += ' ';
  if (color) line += style.color;
  line += style.padded;
  if (color) line += "\x1b[0m";
  line += ' ';
  line += text::printable(message, longest_value);
  for (const Field& field : fields) line.append(" ").append(field.key).append("=").append(text_value(field.value));
  return line;
}

std::string format_json(Level level, Event event, std::string_view message, Fields fields, std::string_view time) {
  std::string line = "{\"ts\":\"" + std::string(time) + "\",\"level\":\"" + std::string(style_of(level).name) +
                     "\",\"msg\":" + text::json_quote(message) + ",\"event\":\"" + std::string(event.word()) + '"';
  for (const Field& field : fields) {
    line += ',' + text::json_quote(field.key) + ':';
    line += field.number ? field.value : text::json_quote(field.value);
  }
  return line + '}';
}

}  // namespace asyncd::log
