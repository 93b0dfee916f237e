// From what the user wrote (flags, -o, environment, a TOML file) to a Config, by the precedence
// flag > -o > environment > file > default. Reports every error, not the first. Start-up only;
// needs a stack of 8 MiB.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"

namespace asyncd {

// What the program as built can do: given by the caller, so that the configuration knows no backend
// by name.
struct BackendSchema {
  std::string_view name;
  SettingTable options;
};
struct Schema {
  std::span<const BackendSchema> backends;
  std::string_view default_backend;
};

// The configuration file that is in effect.
struct PresentFile {
  std::string name;    // as messages call it; empty: there is none
  bool once = false;   // it could be read only once: a pipe
  bool blank = false;  // nothing is written in it
};

// What the user said, not yet understood.
struct Sources {
  // for a reload: this file again, wherever another one might be found by now
  std::optional<PresentFile> present;
  std::optional<std::string> config_file;  // -c FILE
  bool find_config = true;                 // --no-config turns it off
  // false for a command that serves nothing: a listener may have none then
  bool needs_handler = true;
  std::vector<std::string> assignments;  // -o key=value
  std::optional<std::string> backend, handler, framing;
  std::optional<std::string> log_level;  // -v, -q
  std::vector<std::string> listen;
  std::vector<std::string> handler_path;
  std::function<std::optional<std::string>(std::string_view)> environment;  // getenv, or a test's
  // all names that begin with ASYNCD_
  std::vector<std::string> environment_names;
};

// Where a value of the effective configuration came from: rows for `asyncd config`, in the order of
// the tables.
struct EffectiveValue {
  std::string section;  // "" (handler_path), "log", "limits", "listener.main",
                        // "backend.thread-pool", "handler.square"
  std::string key;
  std::string text;  // written as TOML
  std::string origin;
  std::string doc;
  Reload reload = Reload::live;
};

struct Loaded {
  Config config;
  std::string file;     // the file that was read, or empty
  PresentFile present;  // the same, as a reload wants it
  std::vector<EffectiveValue> values;
  std::vector<std::string> warnings;
};

// The error's code is 2, 66, 77 or 78 as the first mistake demands; its message holds all of them,
// a blank line between two: first those of flags, -o and the environment, then those of the file
// from its top to its end.
Result<Loaded> load_config(const Sources& sources, const Schema& schema);

// Options of a handler against its own table: values in the table's order. `subject` names it in
// messages: "handler 'square'". Unknown keys get the nearest known one; every mistake is reported.
Result<std::vector<Value>> resolve_options(SettingTable table, std::span<const RawOption> given,
                                           std::string_view subject);

// One value against its row; the error says what was expected, without a place.
Result<Value> parse_value(const Setting& setting, std::string_view text);

// The NAME of the [handler.NAME] that belongs to a listener's `handler`: the name itself, or of a
// path to a library its file name without folder, "lib" and suffix.
std::string handler_section(std::string_view handler);
}  // namespace asyncd
