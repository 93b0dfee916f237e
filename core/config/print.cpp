#include "core/config/print.h"

#include <algorithm>

#include "core/config/targets.h"
#include "core/config/value.h"
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
  if (setting.type == SettingType::choice) text = expected_value(setting);
  if (is_number && setting.most != unlimited_value)
    text = format_value(setting, Value(setting.least)) + " to " +
           format_value(setting, Value(setting.most));
  if (setting.may_be_unlimited) text += text.empty() ? "or \"unlimited\"" : ", or \"unlimited\"";
  if (setting.may_be_off) text += ", or \"off\"";
  return text.empty() ? text : " (" + text + ")";
}

// The default as TOML; empty where there is none that holds everywhere.
std::string default_text(const Setting& setting) {
  if (!setting.varies.empty()) return "";
  const Result<Value> value = parse_value(setting, setting.fallback);
  return value ? format_value(setting, *value) : "";
}

void append_default(std::string& out, std::string_view section, const Setting& setting) {
  out += "# " + setting.doc + bounds(setting) + "\n";
  const std::string text = default_text(setting);
  if (section == "listener" && setting.key == "handler")
    out += setting.key + " = " + std::string(example_handler) + "\n";
  else if (text.empty() || setting.key == "message_size")
    out += "# " + setting.key + " =\n";
  else if (section == "listener" && (setting.key == "prefix_size" || setting.key == "prefix_order"))
    // Of another framing than the default one, which refuses it.
    out += "# " + setting.key + " = " + text + "\n";
  else
    out += setting.key + " = " + text + "\n";
}

struct DefaultSection {
  std::string name;
  std::vector<Setting> settings;
};

std::vector<DefaultSection> default_sections(const Schema& schema) {
  std::vector<DefaultSection> sections;
  for (const Section& section : core_sections()) {
    std::vector<Setting> settings(section.settings.begin(), section.settings.end());
    if (section.name == "listener") {
      settings = listener_table(schema);
      settings.resize(section.settings.size());
    }
    sections.push_back({std::string(section.name), std::move(settings)});
  }
  for (const BackendSchema& backend : schema.backends)
    if (!backend.options.empty())
      sections.push_back({"backend." + std::string(backend.name),
                          {backend.options.begin(), backend.options.end()}});
  return sections;
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
  std::string out = "# folders that are searched for handlers\nhandler_path = []\n";
  for (const DefaultSection& section : default_sections(schema)) {
    out += "\n" + header(section.name) + "\n";
    for (const Setting& setting : section.settings) append_default(out, section.name, setting);
    if (section.name == "listener")
      out += "# and any key of [limits] but memory, to override it for this listener\n";
  }
  return out;
}

std::string defaults_json(const Schema& schema) {
  std::vector<std::string> rows;
  for (const DefaultSection& section : default_sections(schema))
    for (const Setting& setting : section.settings) {
      const std::string text = default_text(setting);
      rows.push_back("{" + json_field("section", section.name) + ", " +
                     json_field("key", setting.key) +
                     ", \"default\": " + (text.empty() ? "null" : text) + ", " +
                     json_field("expected", expected_value(setting)) + ", " +
                     json_field("doc", setting.doc) + "}");
    }
  return "{\n  \"settings\": [\n    " + joined(rows, next_row) + "\n  ]\n}\n";
}

}  // namespace asyncd
