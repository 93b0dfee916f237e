#include "core/config/print.h"

#include <algorithm>

#include "core/config/core_settings.h"
#include "core/config/value.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

// The listener's handler has no default; a file to start from needs one.
constexpr std::string_view example_handler = "\"echo\"";

// Names and keys that TOML would not take bare are quoted.
std::string bare_or_quoted(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
  });
  return bare ? std::string(name) : text::json_quote(name);
}

// Its line; the default framing refuses what is of another one.
std::string default_line(const Setting& setting) {
  const bool is_example = setting.section == "listener" && setting.key == "handler";
  const std::string text = is_example ? std::string(example_handler) : default_toml(setting);
  const bool is_comment = text.empty() || !setting.framing.empty();
  return (is_comment ? "# " : "") + setting.key + " =" + (text.empty() ? "" : " " + text) + "\n";
}

// A value as TOML is JSON too, except for a handler's fractions and dates.
std::string json_value(const std::string& toml) {
  const bool is_json = toml.starts_with('"') || toml.starts_with('[') || toml == "true" ||
                       toml == "false" || text::parse_integer(toml).has_value();
  return is_json ? toml : text::json_quote(toml);
}

std::string json_field(std::string_view name, std::string_view text) {
  return text::json_quote(name) + ": " + text::json_quote(text);
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  return text::join(std::vector<std::string_view>(words.begin(), words.end()), separator);
}

constexpr std::string_view next_row = ",\n    ";

}  // namespace

// "listener.main" gives [[listener]].
std::string header(std::string_view section) {
  if (section.starts_with("listener")) return "[[listener]]";
  const std::size_t dot = section.find('.');
  if (dot == std::string_view::npos) return "[" + std::string(section) + "]";
  return "[" + std::string(section.substr(0, dot + 1)) + bare_or_quoted(section.substr(dot + 1)) +
         "]";
}

std::string bounds(const Setting& setting) {
  std::string text;
  const bool is_number = setting.type == SettingType::integer ||
                         setting.type == SettingType::count || setting.type == SettingType::size ||
                         setting.type == SettingType::duration;
  if (setting.type == SettingType::choice || !setting.expects.empty())
    text = expected_value(setting);
  if (is_number && setting.most != unlimited_value)
    text = format_value(setting, Value(setting.least)) + " to " +
           format_value(setting, Value(setting.most));
  if (setting.may_be_unlimited) text += text.empty() ? "or \"unlimited\"" : ", or \"unlimited\"";
  if (setting.may_be_off) text += ", or \"off\"";
  return text.empty() ? text : " (" + text + ")";
}

std::string default_toml(const Setting& setting) {
  if (!setting.varies.empty()) return "";
  const Result<Value> value = parse_value(setting, setting.fallback);
  return value ? format_value(setting, *value) : "";
}

std::string to_toml(const Loaded& loaded, bool origin) {
  std::string out;
  std::string section;
  for (const EffectiveValue& value : loaded.values) {
    if (value.section != section) {
      section = value.section;
      if (!out.empty()) out += '\n';
      out += header(section) + "\n";
    }
    // Without a handler there is nothing to serve; the file would be refused.
    const bool missing =
        section.starts_with("listener.") && value.key == "handler" && value.text == "\"\"";
    if (missing) out += "# ";
    out += bare_or_quoted(value.key) + " = " + value.text;
    if (origin) out += "  # " + value.origin;
    out += '\n';
  }
  return out;
}

std::string to_json(const Loaded& loaded) {
  std::vector<std::string> rows, warnings;
  for (const EffectiveValue& value : loaded.values)
    rows.push_back("{" + json_field("section", value.section) + ", " +
                   json_field("key", value.key) + ", \"value\": " + json_value(value.text) + ", " +
                   json_field("origin", value.origin) + ", " + json_field("doc", value.doc) + "}");
  for (const std::string& warning : loaded.warnings) warnings.push_back(text::json_quote(warning));
  return "{\n  " + json_field("file", loaded.file) + ",\n  \"warnings\": [" +
         joined(warnings, ", ") + "],\n  \"settings\": [\n    " + joined(rows, next_row) +
         "\n  ]\n}\n";
}

std::string defaults_toml(const Schema& schema) {
  std::string out = "# " + std::string(handler_path_doc) + "\nhandler_path = []\n";
  std::string section;
  const auto end_section = [&] {
    if (section == "listener")
      out += "# and any key of [limits] but memory, to override it for this listener\n";
  };
  for (const Setting& setting : all_settings(schema)) {
    if (setting.section != section) {
      end_section();
      section = setting.section;
      out += "\n" + header(section) + "\n";
    }
    out += "# " + setting.doc + bounds(setting) + "\n" + default_line(setting);
  }
  end_section();
  return out;
}

std::string defaults_json(const Schema& schema) {
  std::vector<std::string> rows;
  for (const Setting& setting : all_settings(schema)) {
    const std::string text = default_toml(setting);
    rows.push_back("{" + json_field("section", setting.section) + ", " +
                   json_field("key", setting.key) +
                   ", \"default\": " + (text.empty() ? "null" : text) + ", " +
                   json_field("expected", expected_value(setting)) + ", " +
                   json_field("doc", setting.doc) + "}");
  }
  return "{\n  \"settings\": [\n    " + joined(rows, next_row) + "\n  ]\n}\n";
}

}  // namespace asyncd
