#include "cmd/asyncd/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <vector>

#include "cmd/asyncd/flags.h"
#include "core/base/text.h"

namespace asyncd {
namespace {

Error usage_error(const std::string& what) { return {ExitCode::usage, what + "\nTry 'asyncd --help'."}; }

std::string shown(std::string_view argument) { return text::printable(argument, 64); }

// CLI11 with the table of flags. Every command takes every flag, so that flags may stand before and after it; which of
// them mean something to the command is checked afterwards.
class Parser {
 public:
  explicit Parser(std::span<const char* const> arguments) : arguments_(arguments.begin(), arguments.end()) {
    app_.set_help_flag();
    app_.allow_extras();
    app_.allow_windows_style_options(false);
    for (const Flag& flag : flags()) add(flag);
    for (const char* name : {"COMMAND", "FIRST", "SECOND"})
      positional_options_.push_back(app_.add_option(name, positionals_[name]));
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

  std::size_t count(std::string_view name) const { return options_.find(name)->second->count(); }
  bool has(std::string_view name) const { return count(name) != 0; }

  const std::vector<std::string>& values(std::string_view name) const { return values_.find(name)->second; }

  std::optional<std::string> last_value(std::string_view name) const {
    return has(name) ? std::optional(values(name).back()) : std::nullopt;
  }

  // The words that are no flags: the command, and what it is given.
  std::vector<std::string> words() const {
    std::vector<std::string> words;
    for (const CLI::Option* option : positional_options_)
      if (option->count() != 0) words.push_back(option->results().front());
    return words;
  }

  Result<void> check_applies(Command command, std::string_view command_name) const {
    for (const Flag& flag : flags())
      if (has(key_of(flag)) && (flag.commands & only(command)) == 0)
        return usage_error(flag_name(flag) + " means nothing to 'asyncd " + std::string(command_name) + "'" +
                           commands_of(flag));
    return {};
  }

  // "service start" and its like use what the service was installed with.
  Result<void> check_no_settings(std::string_view action) const {
    for (const Flag& flag : flags())
      if (has(key_of(flag)) && flag.commands != all_commands)
        return usage_error(flag_name(flag) + " means nothing to 'asyncd service " + std::string(action) +
                           "'; it is for 'asyncd service install'");
    return {};
  }

 private:
  static std::string key_of(const Flag& flag) {
    return flag.name.empty() ? std::string(1, flag.letter) : std::string(flag.name);
  }

  static std::string commands_of(const Flag& flag) {
    std::string list;
    for (const CommandName& command : commands())
      if ((flag.commands & only(command.command)) != 0)
        list += (list.empty() ? "; it is for " : ", ") + std::string(command.name);
    return list;
  }

  void add(const Flag& flag) {
    std::string names = flag.letter != 0 ? std::string("-") + flag.letter : "";
    if (!flag.name.empty()) names += (names.empty() ? "--" : ",--") + std::string(flag.name);
    const std::string key = key_of(flag);
    options_[key] =
        flag.value.empty()
            ? app_.add_flag(names)->disable_flag_override()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
            : app_.add_option(names, values_[key])->expected(1)->take_all()->allow_extra_args(false);
  }

  static const Flag* find_flag(std::string_view written) {
    for (const Flag& flag : flags()) {
      const bool long_form = written.starts_with("--") && !flag.name.empty() && written.substr(2) == flag.name;
      const bool short_form = written.size() == 2 && written[0] == '-' && flag.letter != 0 && written[1] == flag.letter;
      if (long_form || short_form) return &flag;
    }
    return nullptr;
  }

  static Error needs_value(const Flag& flag) {
    const std::string name = flag_name(flag);
    const std::string example = name + (flag.name.empty() ? " " : "=") + std::string(flag.value);
    return usage_error(name + " needs a value: " + example);
  }

  // CLI11 would take the next argument as the value of "--handler=", and "--json" as that of "--handler --json".
  Result<void> check_values_of_long_flags() const {
    for (std::size_t i = 0; i < arguments_.size() && arguments_[i] != "--"; ++i) {
      const std::string& argument = arguments_[i];
      const std::size_t equals = argument.find('=');
      const Flag* flag = find_flag(argument.substr(0, equals));
      if (flag == nullptr || flag->value.empty()) continue;
      const bool separate = equals == std::string::npos;
      const bool next_is_value = i + 1 < arguments_.size() && !arguments_[i + 1].starts_with('-');
      const bool empty = !separate && equals + 1 == argument.size();
      if (empty || (separate && !next_is_value)) return needs_value(*flag);
      if (separate) ++i;
    }
    return {};
  }

  // The messages of CLI11 begin with the flag's name, some without its dashes.
  static Error explain(const std::string& message) {
    const std::string written = message.substr(0, message.find_first_of(": "));
    const Flag* flag = find_flag(written.starts_with('-') ? written : "--" + written);
    if (flag == nullptr) return usage_error(shown(message));
    if (flag->value.empty()) return usage_error(flag_name(*flag) + " takes no value");
    return needs_value(*flag);
  }

  Result<void> check_leftovers() const {
    const std::vector<std::string> leftovers = app_.remaining(false);
    for (const std::string& argument : leftovers)
      if (argument.size() > 1 && argument.starts_with('-') && argument != "--") return unknown_flag(argument);
    for (const std::string& argument : leftovers)
      if (argument != "--") return usage_error("unexpected argument '" + shown(argument) + "'");
    return {};
  }

  static Error unknown_flag(const std::string& argument) {
    const std::string name = argument.substr(0, argument.find('='));
    std::vector<std::string_view> known;
    for (const Flag& flag : flags())
      if (!flag.name.empty()) known.push_back(flag.name);
    const std::size_t dashes = std::min(name.find_first_not_of('-'), name.size());
    const auto meant = text::nearest(std::string_view(name).substr(dashes), known);
    return usage_error("unknown flag " + shown(name) + (meant ? "; did you mean --" + std::string(*meant) + "?" : ""));
  }

  std::vector<std::string> arguments_;
  CLI::App app_;
  std::map<std::string, CLI::Option*, std::less<>> options_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> positionals_;
  std::vector<CLI::Option*> positional_options_;
};

Result<Command> find_command(const std::string& word) {
  std::vector<std::string_view> names;
  for (const CommandName& known : commands()) {
    if (known.name == word) return known.command;
    names.push_back(known.name);
  }
  const auto meant = text::nearest(word, names);
  return usage_error("unknown command '" + shown(word) + "'" +
                     (meant ? "; did you mean '" + std::string(*meant) + "'?" : ": one of " + text::join(names, ", ")));
}

std::string_view name_of(Command command) {
  for (const CommandName& known : commands())
    if (known.command == command) return known.name;
  return "";
}

Result<void> take_service(const std::vector<std::string>& words, const Parser& parser, Options& options) {
  constexpr std::array<std::string_view, 5> actions{"install", "uninstall", "start", "stop", "run"};
  if (words.size() < 2) return usage_error("service needs one action: " + text::join(actions, ", "));
  const auto action = std::find(actions.begin(), actions.end(), words[1]);
  if (action == actions.end())
    return usage_error("'" + shown(words[1]) + "' is no action of service" + text::suggestion(words[1], actions));
  options.service_action = static_cast<ServiceAction>(action - actions.begin());
  if (options.service_action == ServiceAction::run) {
    if (words.size() > 2) options.service_folder = words[2];
    return {};
  }
  if (words.size() > 2) return usage_error("unexpected argument '" + shown(words[2]) + "'");
  return options.service_action == ServiceAction::install ? Result<void>() : parser.check_no_settings(*action);
}

Result<void> take_new(const std::vector<std::string>& words, const Parser& parser, Options& options) {
  const std::string usage = "write asyncd new handler NAME";
  if (words.size() < 2) return usage_error("new needs to know what: " + usage);
  if (words[1] != "handler") return usage_error("new makes a handler, not '" + shown(words[1]) + "': " + usage);
  if (words.size() < 3) return usage_error("a new handler needs a name: " + usage);
  options.new_name = words[2];
  const std::string language = parser.last_value("lang").value_or("cpp");
  constexpr std::array<std::string_view, 2> languages{"c", "cpp"};
  if (std::find(languages.begin(), languages.end(), language) == languages.end())
    return usage_error("--lang is c or cpp, not '" + shown(language) + "'");
  options.new_in_c = language == "c";
  options.new_async = parser.has("async");
  return {};
}

Result<void> take_handler(const std::vector<std::string>& words, const Parser& parser, Options& options) {
  const std::string usage = "write asyncd handler check FILE";
  if (words.size() < 2) return usage_error("handler needs to know what to do: " + usage);
  if (words[1] != "check") return usage_error("'" + shown(words[1]) + "' is nothing to do with a handler: " + usage);
  if (words.size() < 3) return usage_error("handler check needs a library: " + usage);
  options.library = words[2];
  options.examines = parser.has("examine");
  const std::optional<std::string> seed = parser.last_value("seed");
  if (!seed) return {};
  std::uint64_t number = 0;
  const char* const end = seed->data() + seed->size();
  if (const auto [last, failure] = std::from_chars(seed->data(), end, number); failure != std::errc() || last != end)
    return usage_error("--seed is a number, not '" + shown(*seed) + "'");
  options.seed = number;
  return {};
}

Result<void> take_words(const Parser& parser, Options& options) {
  const std::vector<std::string> words = parser.words();
  if (!words.empty()) {
    const Result<Command> command = find_command(words[0]);
    if (!command) return command.error();
    options.command = *command;
  }
  if (options.command == Command::call) {
    if (words.size() < 2) return usage_error("call needs a handler: asyncd call HANDLER [DATA]");
    options.call_handler = words[1];
    if (words.size() > 2) options.call_data = words[2];
  } else if (options.command == Command::new_handler) {
    return take_new(words, parser, options);
  } else if (options.command == Command::check_handler) {
    return take_handler(words, parser, options);
  } else if (options.command == Command::service) {
    return take_service(words, parser, options);
  } else if (words.size() > 1) {
    return usage_error("unexpected argument '" + shown(words[1]) + "'");
  }
  return {};
}

Result<void> take_color(const Parser& parser, Options& options) {
  const std::string when = parser.last_value("color").value_or("auto");
  constexpr std::array<std::string_view, 3> words{"always", "auto", "never"};
  if (std::find(words.begin(), words.end(), when) == words.end())
    return usage_error("--color is always, auto or never, not '" + shown(when) + "'" + text::suggestion(when, words));
  options.color = when == "always" ? ColorChoice::on : when == "never" ? ColorChoice::off : ColorChoice::automatic;
  return {};
}

Result<void> take_log_level(const Parser& parser, Options& options) {
  const std::size_t verbose = parser.count("verbose");
  if (verbose != 0 && parser.has("quiet")) return usage_error("-v and -q contradict each other");
  if (verbose != 0) options.sources.log_level = verbose == 1 ? "debug" : "trace";
  if (parser.has("quiet")) options.sources.log_level = "warn";
  return {};
}

void take_sources(const Parser& parser, Sources& sources) {
  sources.config_file = parser.last_value("config");
  sources.find_config = !parser.has("no-config");
  sources.assignments = parser.values("o");
  sources.backend = parser.last_value("backend");
  sources.handler = parser.last_value("handler");
  sources.framing = parser.last_value("framing");
  sources.listen = parser.values("listen");
  sources.handler_path = parser.values("handler-path");
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
  Parser parser(arguments);
  if (Result<void> parsed = parser.parse(); !parsed) return parsed.error();

  Options options;
  options.arguments.assign(arguments.begin(), arguments.end());
  if (parser.has("help")) {
    options.command = Command::help;
    return options;
  }
  if (Result<void> taken = take_words(parser, options); !taken) return taken.error();
  if (parser.has("version")) options.command = Command::version;
  if (Result<void> applies = parser.check_applies(options.command, name_of(options.command)); !applies)
    return applies.error();
  if (Result<void> taken = take_color(parser, options); !taken) return taken.error();
  if (Result<void> taken = take_log_level(parser, options); !taken) return taken.error();

  take_sources(parser, options.sources);
  options.sources.needs_handler =
      options.command == Command::run || options.command == Command::check || options.command == Command::service;
  options.json = parser.has("json");
  options.check_bind = parser.has("bind");
  options.config_default = parser.has("default");
  options.config_origin = parser.has("origin");
  options.version_full = parser.count("version") > 1 || (options.command == Command::version && parser.has("verbose"));
  return options;
}

}  // namespace asyncd
