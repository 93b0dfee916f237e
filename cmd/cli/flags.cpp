#include "cmd/cli/flags.h"

#include <array>

#include "cmd/cli/command_line.h"

namespace asyncd {
namespace {

constexpr CommandSet serving =
    only(Command::run) | only(Command::check) | only(Command::config) | only(Command::service);
// These have command lines of their own.
constexpr CommandSet ordinary =
    all_commands & ~only(Command::bench) & ~only(Command::send) & ~only(Command::help);
constexpr CommandSet configured = ordinary & ~only(Command::version) & ~only(Command::new_handler);
constexpr CommandSet writing =
    only(Command::run) | only(Command::call) | only(Command::new_handler) | only(Command::service);
constexpr CommandSet reading = ordinary & ~writing;

constexpr std::array<Flag, 21> flag_table{{
    {'b', "backend", "NAME", "how the I/O is done; 'asyncd backends' lists them", serving},
    {'H', "handler", "NAME", "what is served: a handler's name, or a path to its library", serving},
    {0, "framing", "KIND", "line, raw, fixed, length or handler", serving},
    {'l', "listen", "ADDR", "host:port, [::]:port, :port or unix:/path; may be repeated", serving},
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
    {0, "lang", "LANGUAGE", "new: c or cpp, which is C++ and what is taken where this is not given",
     only(Command::new_handler)},
    {0, "async", "", "new: a handler that waits without holding up others",
     only(Command::new_handler)},
    {0, "seed", "N", "handler: the same messages as the run that told this number",
     only(Command::check_handler)},
    {0, "examine", "", "", only(Command::check_handler)},  // asyncd's own
    {'h', "help", "", "this text"},
    {'V', "version", "", "the version; -VV: the full report"},
}};

constexpr std::array<CommandName, 13> command_table{{
    {Command::run, "run", "", "serve; the command where none is given"},
    {Command::check, "check", "", "say everything that is wrong with the configuration"},
    {Command::config, "config", "", "print the settings in effect"},
    {Command::backends, "backends", "", "list the ways to do I/O, and which work here"},
    {Command::handlers, "handlers", "", "list the handlers that are found"},
    {Command::call, "call", "HANDLER [DATA]", "give one message to a handler, without a network"},
    {Command::new_handler, "new", "handler NAME",
     "write a folder to begin a handler of your own with"},
    {Command::check_handler, "handler", "check FILE",
     "examine a handler's library, in a process of its own"},
    {Command::bench, "bench", "[TARGET]", "measure a server"},
    {Command::send, "send", "ADDRESS...", "send messages to servers"},
    {Command::service, "service", "ACTION",
     "Windows: install, uninstall, start or stop asyncd as a service"},
    {Command::version, "version", "", "print the version"},
    {Command::help, "help", "[COMMAND]", "what a command does, its options and exit codes"},
}};

}  // namespace

const Grammar& grammar() {
  static const Grammar result{"asyncd", flag_table, command_table, 3};
  return result;
}

std::span<const Flag> flags() { return flag_table; }

std::span<const CommandName> commands() { return command_table; }

std::string flag_names(const Flag& flag) {
  const std::string letter = flag.letter != 0 ? std::string("-") + flag.letter : "  ";
  if (flag.name.empty()) return letter + " " + std::string(flag.value);
  std::string names = letter + (flag.letter != 0 ? ", --" : "  --") + std::string(flag.name);
  if (!flag.value.empty()) names += "=" + std::string(flag.value);
  return names;
}

std::string flag_name(const Flag& flag) {
  return flag.name.empty() ? std::string("-") + flag.letter : "--" + std::string(flag.name);
}

}  // namespace asyncd
