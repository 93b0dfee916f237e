// One value against one row of a settings table: reading, checking and writing it. Pure functions, any thread.
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

std::vector<std::string_view> split(std::string_view text, char separator);

// The keys of a table, for suggestions.
std::vector<std::string_view> keys_of(SettingTable table);

const Setting* find_setting(SettingTable table, std::string_view key);

}  // namespace asyncd
