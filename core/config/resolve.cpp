#include "core/config/resolve.h"

#include "core/config/value.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

bool fits(SettingType type, Form form) {
  switch (form) {
    case Form::text:
      return true;
    case Form::toml_text:
      return type != SettingType::integer && type != SettingType::boolean;
    case Form::toml_boolean:
      return type == SettingType::boolean;
    // A duration may not be a bare number, but reading it as one gives the better message.
    case Form::toml_integer:
      return type == SettingType::integer || type == SettingType::count ||
             type == SettingType::size || type == SettingType::duration;
    case Form::toml_real:
    case Form::toml_date:
    case Form::toml_texts:
    case Form::toml_array:
    case Form::toml_table:
      break;
  }
  return false;
}

std::string wrong_form(const Setting& setting, Form form) {
  std::string what =
      "expected " + expected_value(setting) + ", not " + std::string(form_name(form));
  return form == Form::toml_text ? what + ": leave out the quotes" : what;
}

// In a file the key stands beside the value, but not always on the same line.
std::string with_key(const Given& given, const Setting& setting, const std::string& what) {
  const bool named = !given.origin.from_file || what.starts_with("unknown ");
  return named ? what : setting.key + ": " + what;
}

// The nearest key, or all of them where there are few.
std::string advice_for_key(std::string_view key, SettingTable table) {
  constexpr std::size_t few = 8;
  const auto keys = keys_of(table);
  std::string meant = text::suggestion(key, keys);
  if (!meant.empty()) return meant;
  if (keys.empty()) return ", which has none";
  return keys.size() <= few ? "; it has " + text::join(keys, ", ")
                            : "; 'asyncd config --default' lists all keys";
}

Value fallback_of(const Setting& setting) {
  const Result<Value> value = parse_value(setting, setting.fallback);
  if (value) return *value;
  const bool is_text = setting.type == SettingType::text || setting.type == SettingType::choice;
  return is_text ? Value(setting.fallback) : Value(std::int64_t{0});
}

std::string default_origin(const Setting& setting) {
  return setting.varies.empty() ? "default" : "default (" + setting.varies + ")";
}

}  // namespace

std::string_view form_name(Form form) {
  switch (form) {
    case Form::text:
    case Form::toml_text:
      return "text";
    case Form::toml_integer:
      return "an integer";
    case Form::toml_real:
      return "a fraction";
    case Form::toml_boolean:
      return "true or false";
    case Form::toml_date:
      return "a date or time";
    case Form::toml_texts:
    case Form::toml_array:
      return "an array";
    case Form::toml_table:
      return "a table";
  }
  return "";
}

std::vector<Resolved> resolve(SettingTable table, const GivenValues& given, std::string_view title,
                              Problems& problems) {
  std::vector<Resolved> resolved;
  for (const Setting& setting : table)
    resolved.push_back({&setting, fallback_of(setting), nullptr});
  for (const Given& one : given) {
    const Setting* setting = find_setting(table, one.key);
    if (setting == nullptr) {
      problems.add(one.key_origin, "unknown key '" + text::printable(one.key, 64) + "' in " +
                                       std::string(title) + advice_for_key(one.key, table));
    } else if (!fits(setting->type, one.form)) {
      problems.add(one.origin, with_key(one, *setting, wrong_form(*setting, one.form)));
    } else if (const std::string mistake = control_mistake(one.text, one.origin.from_file);
               setting->plain && !mistake.empty()) {
      problems.add(one.origin, with_key(one, *setting, mistake));
    } else if (Result<Value> value = parse_value(*setting, one.text); !value) {
      problems.add(one.origin, with_key(one, *setting, value.error().message));
    } else {
      resolved[static_cast<std::size_t>(setting - table.data())] = {setting, *value, &one};
    }
  }
  return resolved;
}

const Resolved& row(const std::vector<Resolved>& resolved, std::string_view key) {
  return *std::find_if(resolved.begin(), resolved.end(),
                       [&](const Resolved& candidate) { return candidate.setting->key == key; });
}

EffectiveValue effective(std::string_view section, const Resolved& resolved) {
  const Setting& setting = *resolved.setting;
  return {std::string(section),
          setting.key,
          format_value(setting, resolved.value),
          resolved.given != nullptr ? resolved.given->origin.where : default_origin(setting),
          setting.doc,
          setting.reload};
}

Result<std::vector<Value>> resolve_options(SettingTable table, std::span<const RawOption> given,
                                           std::string_view subject) {
  Problems problems;
  GivenValues values;
  for (const RawOption& option : given) {
    const Origin& key_origin = option.key_origin.where.empty() ? option.origin : option.key_origin;
    values.push_back({.key = option.key,
                      .text = option.text,
                      .origin = option.origin,
                      .key_origin = key_origin});
  }
  const std::string title(subject);
  std::vector<Value> resolved;
  for (const Resolved& value : resolve(table, values, title, problems))
    resolved.push_back(value.value);
  if (!problems.empty()) return problems.to_error();
  return resolved;
}

}  // namespace asyncd
