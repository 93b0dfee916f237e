// The configuration as `asyncd config` prints it. Pure functions, any thread.
#pragma once

#include <string>

#include "core/config/load.h"

namespace asyncd {

// The effective settings as a file that load_config reads back to the same values; with `origin`,
// where each came from stands behind it as a comment.
std::string to_toml(const Loaded& loaded, bool origin);

// One object: "file", "warnings", and "settings", a row with section, key, value, origin and doc
// for each.
std::string to_json(const Loaded& loaded);

// Every setting with its default, and what it means and may be above it: a file to start from.
std::string defaults_toml(const Schema& schema);
std::string defaults_json(const Schema& schema);

}  // namespace asyncd
