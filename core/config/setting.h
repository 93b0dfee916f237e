// A setting: one row of a settings table. The tables are the single description of everything that
// can be set; the TOML reader, -o, the environment, `asyncd config`, `asyncd backends` and the
// documentation are all fed by them.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace asyncd {

enum class SettingType { text, integer, boolean, count, size, duration, choice };

// What a reload has to do for a changed value to count: nothing more, or begin the listener anew.
// None takes a restart.
enum class Reload { live, listener };

// A value as the program uses it: text and choice are a string, everything else an integer (boolean
// 0 or 1, size in bytes, duration in nanoseconds, "unlimited" the largest integer).
using Value = std::variant<std::int64_t, std::string>;
inline constexpr std::int64_t unlimited_value = std::numeric_limits<std::int64_t>::max();

struct Setting {
  std::string key;      // without its section
  std::string section;  // of the core's: "log", "limits", "listener", ...
  SettingType type = SettingType::text;
  std::string fallback;  // the default, written as a user would; empty for a number: there is none
  std::string doc;       // one line, which tells the default where that varies with the machine
  Reload reload = Reload::live;
  std::int64_t least = 0;  // bounds for everything that is a number
  std::int64_t most = unlimited_value;
  bool may_be_unlimited = false;
  bool may_be_off = false;  // then it is 0
  bool plain = false;       // text: a path or a name, so no control bytes
  std::string choices;      // choice: the words, separated by '|'
  // the default is another one on other machines: what it follows here, "cores=2"
  std::string varies;
  std::string framing;  // of a listener: it has this setting with this framing only
  std::string expects;  // what a value looks like, where the type does not tell
};

using SettingTable = std::span<const Setting>;

}  // namespace asyncd
