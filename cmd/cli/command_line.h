// A command line against its grammar: which flags there are, what they take, and which commands
// they are for. Finds what is wrong and says what was probably meant. Used once for each command
// line, by the main thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/cli/flags.h"
#include "core/base/result.h"

namespace asyncd {

// Every command takes every flag, so that flags may stand before and after it; which of them mean
// something to the command is checked afterwards.
class CommandLine {
 public:
  // Both outlive it.
  CommandLine(const Grammar& grammar, std::span<const char* const> arguments);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Result<void> parse();

  // Of a flag by its name, or by its letter where it has no name.
  std::size_t count(std::string_view flag) const;
  bool has(std::string_view flag) const { return count(flag) != 0; }
  const std::vector<std::string>& values(std::string_view flag) const;
  std::optional<std::string> last_value(std::string_view flag) const;

  // The words that are no flags: the command, and what it is given.
  std::vector<std::string> words() const;

  Result<Command> find_command(const std::string& word) const;
  std::string_view name_of(Command command) const;
  Result<void> check_applies(Command command) const;

  // A usage error: what is wrong, and where help is.
  Error usage_error(const std::string& what) const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// An argument as messages quote it: short, and without control bytes.
std::string shown_argument(std::string_view argument);

// What the help says of the commands and the flags.
std::string help_of(const Grammar& grammar);

// What the help says of one of them.
std::string help_of(const Grammar& grammar, const Subcommand& command);

}  // namespace asyncd
