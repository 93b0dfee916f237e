// The table of everything that begins with a dash: it feeds the parser, the help and the
// suggestions.
#pragma once

#include <span>
#include <string_view>

#include "cmd/cli/options.h"

namespace asyncd {

// A set of commands, one bit for each.
using CommandSet = unsigned;
constexpr CommandSet only(Command command) { return 1U << static_cast<unsigned>(command); }
inline constexpr CommandSet all_commands = ~0U;

struct Grammar;

struct Flag {
  char letter;             // 0: none
  std::string_view name;   // without its dashes; empty: only the letter
  std::string_view value;  // what its value is called; empty: it takes none
  std::string_view doc;    // one line for the help; empty: it is not in there
  CommandSet commands = all_commands;
};

struct CommandName {
  Command command;
  std::string_view name;
  std::string_view arguments;
  std::string_view doc;
};

const Grammar& grammar();  // of asyncd itself
std::span<const Flag> flags();
std::span<const CommandName> commands();

// "-c, --config" for the help, "--config" or "-o" for messages.
std::string flag_names(const Flag& flag);
std::string flag_name(const Flag& flag);

}  // namespace asyncd
