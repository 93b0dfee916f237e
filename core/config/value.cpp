#include "core/config/value.h"

#include <algorithm>

#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

constexpr std::string_view unlimited_word = "unlimited";
constexpr std::string_view off_word = "off";

Error refusal(std::string what) { return {ExitCode::usage, std::move(what)}; }

std::string quoted(std::string_view text) { return "'" + text::printable(text, 64) + "'"; }

// A number of the setting's kind, as a user would write it.
std::string number_text(const Setting& setting, std::int64_t number) {
  if (setting.type == SettingType::size)
    return text::format_size(static_cast<std::uint64_t>(number));
  if (setting.type == SettingType::duration) return text::format_duration(Duration(number));
  return std::to_string(number);
}

// Without quotes; parse_value reads it back.
std::string value_text(const Setting& setting, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const std::int64_t number = std::get<std::int64_t>(value);
  if (setting.type == SettingType::boolean) return number != 0 ? "true" : "false";
  if (number == unlimited_value && setting.may_be_unlimited) return std::string(unlimited_word);
  if (number == 0 && setting.may_be_off) return std::string(off_word);
  return number_text(setting, number);
}

std::string bound_text(const Setting& setting, bool too_small) {
  if (too_small || setting.most == unlimited_value)
    return "at least " + number_text(setting, setting.least);
  return "at most " + number_text(setting, setting.most);
}

// "64k", "64KB" or "64 KiB": what was meant is clear.
std::string size_hint(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return "";
  const std::size_t unit = text.find_first_not_of(' ', digits);
  const char letter = unit == std::string_view::npos ? ' ' : text[unit];
  const std::string number(text.substr(0, digits));
  if (letter == 'k' || letter == 'K') return "; did you mean \"" + number + "KiB\"?";
  if (letter == 'm' || letter == 'M') return "; did you mean \"" + number + "MiB\"?";
  if (letter == 'g' || letter == 'G') return "; did you mean \"" + number + "GiB\"?";
  return "";
}

std::optional<std::int64_t> to_signed(std::optional<std::uint64_t> number) {
  if (!number || *number > static_cast<std::uint64_t>(unlimited_value)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<std::int64_t> read_number(SettingType type, std::string_view text) {
  switch (type) {
    case SettingType::integer:
      return text::parse_integer(text);
    case SettingType::count:
      return to_signed(text::parse_count(text));
    case SettingType::size:
      return to_signed(text::parse_size(text));
    case SettingType::duration: {
      const auto duration = text::parse_duration(text);
      return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
    }
    case SettingType::boolean:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case SettingType::text:
    case SettingType::choice:
      break;
  }
  return std::nullopt;
}

std::string unreadable(const Setting& setting, std::string_view text) {
  if (setting.type == SettingType::duration && text::parse_count(text)) {
    const std::string number(text::printable(text, 24));
    return "a duration needs a unit: write \"" + number + "s\" for seconds, or \"" + number +
           "ms\" for milliseconds";
  }
  std::string what = "expected " + expected_value(setting) + ", not " + quoted(text);
  if (setting.type == SettingType::size) what += size_hint(text);
  return what;
}

Result<Value> parse_number(const Setting& setting, std::string_view text) {
  const bool has_unlimited = setting.type == SettingType::count ||
                             setting.type == SettingType::size ||
                             setting.type == SettingType::duration;
  if (has_unlimited && text == unlimited_word) {
    if (setting.may_be_unlimited) return Value(unlimited_value);
    return refusal("\"unlimited\" is not allowed here: " + bound_text(setting, false));
  }
  if (setting.may_be_off && text == off_word) return Value(std::int64_t{0});
  const auto number = read_number(setting.type, text);
  if (!number) return refusal(unreadable(setting, text));
  if (setting.type == SettingType::boolean) return Value(*number);
  if (*number >= setting.least && *number <= setting.most) return Value(*number);
  const bool too_small = *number < setting.least;
  std::string what =
      number_text(setting, *number) + (too_small ? " is too little: " : " is too much: ");
  if (*number == 0) what = "0 is not allowed: ";
  what += bound_text(setting, too_small);
  if (setting.may_be_unlimited) what += "; for no limit write \"unlimited\"";
  if (setting.may_be_off) what += "; for none write \"off\"";
  return refusal(what);
}

Result<Value> parse_choice(const Setting& setting, std::string_view text) {
  const auto choices = split(setting.choices, '|');
  for (const std::string_view known : choices)
    if (known == text) return Value(std::string(text));
  return refusal("unknown " + setting.key + " " + quoted(text) + ": " + expected_value(setting) +
                 text::suggestion(text, choices));
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> keys_of(SettingTable table) {
  std::vector<std::string_view> keys;
  for (const Setting& setting : table) keys.push_back(setting.key);
  return keys;
}

const Setting* find_setting(SettingTable table, std::string_view key) {
  for (const Setting& setting : table)
    if (setting.key == key) return &setting;
  return nullptr;
}

std::string expected_value(const Setting& setting) {
  if (!setting.expects.empty()) return setting.expects;
  switch (setting.type) {
    case SettingType::text:
      return "text in quotes";
    case SettingType::integer:
      return "a whole number";
    case SettingType::boolean:
      return "true or false";
    case SettingType::count:
      return "a count such as 1000 or \"10k\"";
    case SettingType::size:
      return "a size such as 65536, \"64KiB\" or \"1MiB\"";
    case SettingType::duration:
      return "a duration such as \"500ms\", \"30s\" or \"5m\"";
    case SettingType::choice:
      return "one of " + text::join(split(setting.choices, '|'), ", ");
  }
  return "";
}

Result<Value> parse_value(const Setting& setting, std::string_view text) {
  if (setting.type == SettingType::choice) return parse_choice(setting, text);
  if (setting.type != SettingType::text) return parse_number(setting, text);
  if (text.find('\0') != std::string_view::npos) return refusal("text must not contain a NUL byte");
  return Value(std::string(text));
}

std::string control_mistake(std::string_view text, bool from_file) {
  const std::size_t found = text::find_control(text);
  if (found == std::string_view::npos) return "";
  const std::size_t length = std::max<std::size_t>(text::utf8_length(text.substr(found)), 1);
  std::string what = "a control byte (" + text::shown(text.substr(found, length)) + ") in \"" +
                     text::printable(text) + "\"";
  if (!from_file) return what + ": a path or a name has none";
  const std::string literal = literal_of(text);
  what += ": in double quotes a backslash begins an escape sequence";
  return what + (literal.empty() ? "; leave that byte out" : "; write single quotes: " + literal);
}

std::string literal_of(std::string_view text) {
  constexpr std::string_view bytes = "\b\t\n\f\r";
  constexpr std::string_view letters = "btnfr";
  std::string literal = "'";
  for (const char byte : text) {
    const std::size_t known = bytes.find(byte);
    if (byte == '\'' || (known == std::string_view::npos && text::find_control({&byte, 1}) == 0))
      return "";
    if (known == std::string_view::npos)
      literal += byte;
    else
      literal.append("\\").append(1, letters[known]);
  }
  return text::find_control(literal) == std::string_view::npos ? literal + "'" : "";
}

std::string format_value(const Setting& setting, const Value& value) {
  const std::string written = value_text(setting, value);
  const auto* number = std::get_if<std::int64_t>(&value);
  const bool is_bare = number != nullptr &&
                       (setting.type == SettingType::integer ||
                        setting.type == SettingType::boolean || setting.type == SettingType::count);
  const bool is_word = written == unlimited_word || written == off_word;
  return is_bare && !is_word ? written : text::json_quote(written);
}

std::string default_text(const Setting& setting, const Value& value) {
  const std::string written = value_text(setting, value);
  return parse_value(setting, written) ? written : "";
}

}  // namespace asyncd
