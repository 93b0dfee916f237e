// One value against one row of a settings table: reading, checking and writing it. Pure functions,
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/load.h"

namespace asyncd {

// What a value of this setting looks like: "a duration such as \"500ms\", \"30s\" or \"5m\"".
std::string expected_value(const Setting& setting);

// As TOML, which is JSON too; parse_value reads its text back to the same value.
std::string format_value(const Setting& setting, const Value& value);

// The same as a user would write it outside of TOML: what `fallback` holds. Empty for a number that
// the setting does not allow: there is no default then.
std::string default_text(const Setting& setting, const Value& value);

// What is wrong with the text of a path or a name: a control byte in it, and what to write instead.
// Empty: nothing. It comes from a TOML file, where a backslash in double quotes begins such a byte,
// or from elsewhere.
std::string control_mistake(std::string_view text, bool from_file);

// 'text' with single quotes for TOML, each control byte as the escape sequence that it came from;
// empty: cannot be.
std::string literal_of(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);

// The keys of a table, for suggestions.
std::vector<std::string_view> keys_of(SettingTable table);

const Setting* find_setting(SettingTable table, std::string_view key);

}  // namespace asyncd
