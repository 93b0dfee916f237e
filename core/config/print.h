// The configuration as `asyncd config` prints it. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/config/load.h"

namespace asyncd {

// The effective settings as a file that load_config reads back to the same values; with `origin`,
// where each came from stands behind it as a comment.
std::string to_toml(const Loaded& loaded, bool origin);

// One object: "file", "warnings", and "settings", a row with section, key, value, origin and doc
// for each.
std::string to_json(const Loaded& loaded);

// What a file of settings is made of: "[limits]" or "[[listener]]", the default as TOML (empty:
// there is none that holds everywhere), and " (1 to 8)" or nothing.
std::string header(std::string_view section);
std::string default_toml(const Setting& setting);
std::string bounds(const Setting& setting);

// Every setting with its default, and what it means and may be above it: a file to start from.
std::string defaults_toml(const Schema& schema);
std::string defaults_json(const Schema& schema);

}  // namespace asyncd
