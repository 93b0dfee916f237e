// The command line, read into plain values. Reads nothing but its arguments, prints nothing and
// never exits. Used once, by main, at start.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/load.h"

namespace asyncd {

// In the order of their table (subcommands.cpp), which is that of the help. Behind the last one of
// the table are those that it does not have.
enum class Command {
  run,
  check,
  config,
  backends,
  handlers,
  call,
  new_handler,
  check_handler,
  bench,
  send,
  service,
  version,
  help,
  try_library,  // what asyncd starts to try a library: no user does
  bench_matrix,
  bench_compare,
  bench_report,
};
inline constexpr std::size_t listed_commands = static_cast<std::size_t>(Command::help) + 1;
inline constexpr std::size_t run_commands = listed_commands + 1;  // those that asyncd itself runs

enum class ServiceAction { install, uninstall, start, stop, run };

enum class ColorChoice { automatic, on, off };

struct Options {
  Command command = Command::run;
  std::optional<Command> help_for;  // help; nothing means all commands
  Sources sources;                  // all but the environment
  bool json = false;
  ColorChoice color = ColorChoice::automatic;

  bool check_bind = false;               // check
  bool config_default = false;           // config
  bool config_origin = false;            // config
  bool version_full = false;             // version: the report, not the one line
  std::string call_handler;              // call
  std::optional<std::string> call_data;  // call: nothing means standard input
  std::string new_name;                  // new
  bool new_in_c = false;                 // new: and not in C++
  bool new_async = false;                // new
  std::string library;                   // handler check
  std::optional<std::uint64_t> seed;     // handler check: nothing means one by chance
  // handler check: this is the process that need not survive it
  bool examines = false;
  std::vector<std::string> arguments;                 // all, as they were given
  ServiceAction service_action = ServiceAction::run;  // service
  std::string service_folder;                         // service run: where it was installed from
};

// `arguments` without the program's own name. An error is a usage error (2): one line that says
// what is wrong, and one that says where help is.
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace asyncd
