// The tables that the parser, the help and the suggestions are made of: the flags, which begin with
// a dash, and the commands.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cmd/cli/options.h"

namespace asyncd {

// A set of commands, one bit for each.
using CommandSet = unsigned;
constexpr CommandSet only(Command command) { return 1U << static_cast<unsigned>(command); }
inline constexpr CommandSet all_commands = ~0U;

struct Flag {
  char letter;             // 0: none
  std::string_view name;   // without its dashes; empty: only the letter
  std::string_view value;  // what its value is called; empty: it takes none
  std::string_view doc;    // one line for the help; empty: it is not in there
  CommandSet commands = all_commands;
};

// What a command line knows the flag by: its name, or its letter if it has no name.
std::string key_of(const Flag& flag);

class CommandLine;

// What the words of the command line behind a command mean. An error is a usage error.
using ReadWords = Result<void> (*)(const std::vector<std::string>& words, const CommandLine& line,
                                   Options& options);

// What a command of asyncd's own command line has to do with; all of it has to be said.
struct CommandTraits {
  bool serves = false;           // takes --backend, --listen and their like
  bool is_configured = false;    // reads a configuration: takes -c, -o and their like
  bool answers_in_json = false;  // takes --json
  bool needs_handler = false;
  bool has_own_line = false;       // has a command line of its own, and comes first
  ReadWords read_words = nullptr;  // else
};

struct Subcommand {
  Command command;
  std::string_view name;
  std::string_view arguments;
  std::string_view doc;  // one line for the help
  // Its own help, each text is lines. Empty where it has a command line of its own.
  std::string_view usage;  // what follows the program's name
  std::string_view about;
  std::string_view codes;  // it may exit with, and what they mean
  std::string_view examples;
  CommandTraits traits = {};

  constexpr bool has_help() const {
    return !usage.empty() && !about.empty() && !codes.empty() && !examples.empty();
  }
};

struct Grammar {
  std::string_view program;  // as users write it: "asyncd"
  std::span<const Flag> flags;
  std::span<const Subcommand> commands;
  std::size_t most_words;  // that are no flags
};

const Grammar& grammar();  // of asyncd itself
std::span<const Flag> flags();
std::span<const Subcommand> commands();
const Subcommand* find_row(Command command);  // null: it is not in the table

// "-c, --config" for the help, "--config" or "-o" for messages.
std::string flag_names(const Flag& flag);
std::string flag_name(const Flag& flag);

}  // namespace asyncd
