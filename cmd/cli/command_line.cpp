#include "cmd/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

void append_row(std::string& out, const std::string& left, std::string_view right) {
  constexpr std::size_t column = 26;
  out += "  " + left + std::string(left.size() + 2 < column ? column - left.size() : 2, ' ') +
         std::string(right) + "\n";
}

}  // namespace

std::string shown_argument(std::string_view argument) { return text::printable(argument, 64); }

// CLI11 with the table of flags.
class CommandLine::Parser {
 public:
  Parser(const Grammar& grammar, std::span<const char* const> arguments)
      : grammar_(grammar), arguments_(arguments.begin(), arguments.end()) {
    app_.set_help_flag();
    app_.allow_extras();
    app_.allow_windows_style_options(false);
    for (const Flag& flag : grammar_.flags) add(flag);
    for (std::size_t i = 0; i < grammar_.most_words; ++i) {
      const std::string name = "WORD" + std::to_string(i);
      words_.push_back(app_.add_option(name, positionals_[name]));
    }
  }

  Result<void> parse() {
    if (Result<void> values = check_values_of_long_flags(); !values) return values;
    try {
      // CLI11 wants them from the last to the first.
      app_.parse(std::vector<std::string>(arguments_.rbegin(), arguments_.rend()));
    } catch (const CLI::ParseError& failure) {
      return explain(failure.what());
    }
    return check_leftovers();
  }

  const CLI::Option& option(std::string_view name) const { return *options_.find(name)->second; }
  const std::vector<std::string>& values(std::string_view name) const {
    return values_.find(name)->second;
  }
  const std::vector<CLI::Option*>& words() const { return words_; }
  const Grammar& grammar() const { return grammar_; }

  Error usage_error(const std::string& what) const {
    return {ExitCode::usage, what + "\nTry '" + std::string(grammar_.program) + " --help'."};
  }

 private:
  void add(const Flag& flag) {
    std::string names = flag.letter != 0 ? std::string("-") + flag.letter : "";
    if (!flag.name.empty()) names += (names.empty() ? "--" : ",--") + std::string(flag.name);
    const std::string key = key_of(flag);
    options_[key] = flag.value.empty()
                        ? app_.add_flag(names)->disable_flag_override()->multi_option_policy(
                              CLI::MultiOptionPolicy::TakeLast)
                        : app_.add_option(names, values_[key])
                              ->expected(1)
                              ->take_all()
                              ->allow_extra_args(false);
  }

  const Flag* find_flag(std::string_view written) const {
    for (const Flag& flag : grammar_.flags) {
      const bool long_form =
          written.starts_with("--") && !flag.name.empty() && written.substr(2) == flag.name;
      const bool short_form =
          written.size() == 2 && written[0] == '-' && flag.letter != 0 && written[1] == flag.letter;
      if (long_form || short_form) return &flag;
    }
    return nullptr;
  }

  Error needs_value(const Flag& flag) const {
    const std::string name = flag_name(flag);
    const std::string example = name + (flag.name.empty() ? " " : "=") + std::string(flag.value);
    return usage_error(name + " needs a value: " + example);
  }

  // "-" is a file's name, and "-1" a number, however wrong.
  static bool may_be_value(std::string_view argument) {
    return !argument.starts_with('-') || argument == "-" ||
           (argument[1] >= '0' && argument[1] <= '9');
  }

  // CLI11 would take the next argument as the value of "--handler=", and "--json" as that of
  // "--handler --json".
  Result<void> check_values_of_long_flags() const {
    for (std::size_t i = 0; i < arguments_.size() && arguments_[i] != "--"; ++i) {
      const std::string& argument = arguments_[i];
      const std::size_t equals = argument.find('=');
      const Flag* flag = find_flag(argument.substr(0, equals));
      if (flag == nullptr || flag->value.empty()) continue;
      const bool separate = equals == std::string::npos;
      const bool next_is_value = i + 1 < arguments_.size() && may_be_value(arguments_[i + 1]);
      const bool empty = !separate && equals + 1 == argument.size();
      if (empty || (separate && !next_is_value)) return needs_value(*flag);
      if (separate) ++i;
    }
    return {};
  }

  // The messages of CLI11 begin with the flag's name, some without its dashes.
  Error explain(const std::string& message) const {
    const std::string written = message.substr(0, message.find_first_of(": "));
    const Flag* flag = find_flag(written.starts_with('-') ? written : "--" + written);
    if (flag == nullptr) return usage_error(shown_argument(message));
    if (flag->value.empty()) return usage_error(flag_name(*flag) + " takes no value");
    return needs_value(*flag);
  }

  Result<void> check_leftovers() const {
    const std::vector<std::string> leftovers = app_.remaining(false);
    for (const std::string& argument : leftovers)
      if (argument.size() > 1 && argument.starts_with('-') && argument != "--")
        return unknown_flag(argument);
    for (const std::string& argument : leftovers)
      if (argument != "--")
        return usage_error("unexpected argument '" + shown_argument(argument) + "'");
    return {};
  }

  Error unknown_flag(const std::string& argument) const {
    const std::string name = argument.substr(0, argument.find('='));
    std::vector<std::string_view> known;
    for (const Flag& flag : grammar_.flags)
      if (!flag.name.empty()) known.push_back(flag.name);
    const std::size_t dashes = std::min(name.find_first_not_of('-'), name.size());
    const auto meant = text::nearest(std::string_view(name).substr(dashes), known);
    return usage_error("unknown flag " + shown_argument(name) +
                       (meant ? "; did you mean --" + std::string(*meant) + "?" : ""));
  }

  const Grammar& grammar_;
  std::vector<std::string> arguments_;
  CLI::App app_;
  std::map<std::string, CLI::Option*, std::less<>> options_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> positionals_;
  std::vector<CLI::Option*> words_;
};

CommandLine::CommandLine(const Grammar& grammar, std::span<const char* const> arguments)
    : parser_(std::make_unique<Parser>(grammar, arguments)) {}

CommandLine::~CommandLine() = default;

Result<void> CommandLine::parse() { return parser_->parse(); }
std::size_t CommandLine::count(std::string_view flag) const {
  return parser_->option(flag).count();
}
const std::vector<std::string>& CommandLine::values(std::string_view flag) const {
  return parser_->values(flag);
}
Error CommandLine::usage_error(const std::string& what) const { return parser_->usage_error(what); }

std::optional<std::string> CommandLine::last_value(std::string_view flag) const {
  return has(flag) ? std::optional(values(flag).back()) : std::nullopt;
}

std::vector<std::string> CommandLine::words() const {
  std::vector<std::string> words;
  for (const CLI::Option* option : parser_->words())
    if (option->count() != 0) words.push_back(option->results().front());
  return words;
}

Result<Command> CommandLine::find_command(const std::string& word) const {
  std::vector<std::string_view> names;
  for (const Subcommand& known : parser_->grammar().commands) {
    if (known.name == word) return known.command;
    names.push_back(known.name);
  }
  const auto meant = text::nearest(word, names);
  return usage_error("unknown command '" + shown_argument(word) + "'" +
                     (meant ? "; did you mean '" + std::string(*meant) + "'?"
                            : ": one of " + text::join(names, ", ")));
}

std::string_view CommandLine::name_of(Command command) const {
  for (const Subcommand& known : parser_->grammar().commands)
    if (known.command == command) return known.name;
  return "";
}

Result<void> CommandLine::check_applies(Command command) const {
  const Grammar& grammar = parser_->grammar();
  for (const Flag& flag : grammar.flags) {
    if (!has(key_of(flag)) || (flag.commands & only(command)) != 0) continue;
    std::string list;
    for (const Subcommand& other : grammar.commands)
      if ((flag.commands & only(other.command)) != 0)
        list += (list.empty() ? "; it is for " : ", ") + std::string(other.name);
    return usage_error(flag_name(flag) + " means nothing to '" + std::string(grammar.program) +
                       " " + std::string(name_of(command)) + "'" + list);
  }
  return {};
}

std::string help_of(const Grammar& grammar) {
  const bool has_commands = !grammar.commands.empty();
  std::string out = has_commands ? "\nCommands:\n" : "";
  for (const Subcommand& command : grammar.commands) {
    const std::string arguments =
        command.arguments.empty() ? "" : " " + std::string(command.arguments);
    append_row(out, std::string(command.name) + arguments, command.doc);
  }
  out += has_commands ? "\nOptions, before or after the command:\n" : "\nOptions:\n";
  for (const Flag& flag : grammar.flags)
    if (!flag.doc.empty()) append_row(out, flag_names(flag), flag.doc);
  return out;
}

namespace {

void append_section(std::string& out, std::string_view title, std::string_view lines) {
  if (lines.empty()) return;
  out.append("\n").append(title).append(":\n");
  for (std::size_t end = 0; !lines.empty(); lines.remove_prefix(end)) {
    end = std::min(lines.find('\n'), lines.size() - 1) + 1;
    out.append("  ").append(lines.substr(0, end));
  }
}

}  // namespace

std::string help_of(const Grammar& grammar, const Subcommand& help) {
  std::string out = "Usage: " + std::string(grammar.program) + " " + std::string(help.usage) + "\n";
  out.append(help.about).append("\nOptions:\n");
  // The help of all commands says which one a flag is for.
  const std::string name = std::string(help.name) + ": ";
  for (const Flag& flag : grammar.flags)
    if (!flag.doc.empty() && (flag.commands & only(help.command)) != 0)
      append_row(out, flag_names(flag),
                 flag.doc.starts_with(name) ? flag.doc.substr(name.size()) : flag.doc);
  append_section(out, "Exit codes", help.codes);
  append_section(out, "Examples", help.examples);
  return out;
}

}  // namespace asyncd
