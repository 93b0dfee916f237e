#include "cmd/cli/flags.h"

#include <vector>

namespace asyncd {
namespace {

// The commands of which a trait holds.
CommandSet those(bool CommandTraits::*trait) {
  CommandSet set = 0;
  for (const Subcommand& row : commands())
    if (row.traits.*trait) set |= only(row.command);
  return set;
}

std::vector<Flag> make_flags() {
  const CommandSet serving = those(&CommandTraits::serves);
  const CommandSet configured = those(&CommandTraits::is_configured);
  const CommandSet reading = those(&CommandTraits::answers_in_json);
  return {
      {'b', "backend", "NAME", "how the I/O is done; 'asyncd backends' lists them", serving},
      {'H', "handler", "NAME", "what is served: a handler's name, or a path to its library",
       serving},
      {0, "framing", "KIND", "line, raw, fixed, length or handler", serving},
      {'l', "listen", "ADDR", "host:port, [::]:port, :port or unix:/path; may be repeated",
       serving},
      {'c', "config", "FILE", "read this configuration file", configured},
      {0, "no-config", "", "look for no configuration file", configured},
      {'o', "", "KEY=VALUE", "any setting, as in -o limits.idle_timeout=5s; may be repeated",
       configured},
      {0, "handler-path", "DIRS", "where handlers are searched first", configured},
      {'v', "verbose", "", "log more; -vv: still more; with 'version': the full report"},
      {'q', "quiet", "", "log only warnings and errors"},
      {0, "color", "WHEN", "always, auto or never"},
      {0, "json", "", "answer in JSON", reading},
      {0, "bind", "", "check: try the addresses too", only(Command::check)},
      {0, "default", "", "config: the defaults, a file to start from", only(Command::config)},
      {0, "origin", "", "config: say where each value came from", only(Command::config)},
      {0, "lang", "LANGUAGE",
       "new: c or cpp, which is C++ and what is taken where this is not given",
       only(Command::new_handler)},
      {0, "async", "", "new: a handler that waits without holding up others",
       only(Command::new_handler)},
      {0, "seed", "N", "handler: the same messages as the run that told this number",
       only(Command::check_handler)},
      {0, "examine", "", "", only(Command::check_handler)},  // asyncd's own
      {'h', "help", "", "this text"},
      {'V', "version", "", "the version; -VV: the full report"},
  };
}

}  // namespace

const Grammar& grammar() {
  static const Grammar result{"asyncd", flags(), commands(), 3};
  return result;
}

std::span<const Flag> flags() {
  static const std::vector<Flag> table = make_flags();
  return table;
}

std::string flag_names(const Flag& flag) {
  const std::string letter = flag.letter != 0 ? std::string("-") + flag.letter : "  ";
  if (flag.name.empty()) return letter + " " + std::string(flag.value);
  std::string names = letter + (flag.letter != 0 ? ", --" : "  --") + std::string(flag.name);
  if (!flag.value.empty()) names += "=" + std::string(flag.value);
  return names;
}

std::string key_of(const Flag& flag) {
  return flag.name.empty() ? std::string(1, flag.letter) : std::string(flag.name);
}

std::string flag_name(const Flag& flag) {
  return flag.name.empty() ? std::string("-") + flag.letter : "--" + std::string(flag.name);
}

}  // namespace asyncd
