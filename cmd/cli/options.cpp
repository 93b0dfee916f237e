#include "cmd/cli/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "cmd/cli/command_line.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

// "service start" and its like use what the service was installed with.
Result<void> check_no_settings(const CommandLine& line, std::string_view action) {
  for (const Flag& flag : flags()) {
    if (flag.commands == all_commands) continue;
    if (line.has(flag.name.empty() ? std::string_view(&flag.letter, 1) : flag.name))
      return line.usage_error(flag_name(flag) + " means nothing to 'asyncd service " +
                              std::string(action) + "'; it is for 'asyncd service install'");
  }
  return {};
}

Result<void> take_service(const std::vector<std::string>& words, const CommandLine& line,
                          Options& options) {
  constexpr std::array<std::string_view, 5> actions{"install", "uninstall", "start", "stop", "run"};
  if (words.size() < 2)
    return line.usage_error("service needs one action: " + text::join(actions, ", "));
  const auto action = std::find(actions.begin(), actions.end(), words[1]);
  if (action == actions.end())
    return line.usage_error("'" + shown_argument(words[1]) + "' is no action of service" +
                            text::suggestion(words[1], actions));
  options.service_action = static_cast<ServiceAction>(action - actions.begin());
  if (options.service_action == ServiceAction::run) {
    if (words.size() > 2) options.service_folder = words[2];
    return {};
  }
  if (words.size() > 2)
    return line.usage_error("unexpected argument '" + shown_argument(words[2]) + "'");
  return options.service_action == ServiceAction::install ? Result<void>()
                                                          : check_no_settings(line, *action);
}

Result<void> take_new(const std::vector<std::string>& words, const CommandLine& line,
                      Options& options) {
  const std::string usage = "write asyncd new handler NAME";
  if (words.size() < 2) return line.usage_error("new needs to know what: " + usage);
  if (words[1] != "handler")
    return line.usage_error("new makes a handler, not '" + shown_argument(words[1]) +
                            "': " + usage);
  if (words.size() < 3) return line.usage_error("a new handler needs a name: " + usage);
  options.new_name = words[2];
  const std::string language = line.last_value("lang").value_or("cpp");
  constexpr std::array<std::string_view, 2> languages{"c", "cpp"};
  if (std::find(languages.begin(), languages.end(), language) == languages.end())
    return line.usage_error("--lang is c or cpp, not '" + shown_argument(language) + "'");
  options.new_in_c = language == "c";
  options.new_async = line.has("async");
  return {};
}

Result<void> take_handler(const std::vector<std::string>& words, const CommandLine& line,
                          Options& options) {
  const std::string usage = "write asyncd handler check FILE";
  if (words.size() < 2) return line.usage_error("handler needs to know what to do: " + usage);
  if (words[1] != "check")
    return line.usage_error("'" + shown_argument(words[1]) +
                            "' is nothing to do with a handler: " + usage);
  if (words.size() < 3) return line.usage_error("handler check needs a library: " + usage);
  options.library = words[2];
  options.examines = line.has("examine");
  const std::optional<std::string> seed = line.last_value("seed");
  if (!seed) return {};
  std::uint64_t number = 0;
  const char* const end = seed->data() + seed->size();
  if (const auto [last, failure] = std::from_chars(seed->data(), end, number);
      failure != std::errc() || last != end)
    return line.usage_error("--seed is a number, not '" + shown_argument(*seed) + "'");
  options.seed = number;
  return {};
}

Result<void> take_words(const CommandLine& line, Options& options) {
  const std::vector<std::string> words = line.words();
  if (!words.empty()) {
    const Result<Command> command = line.find_command(words[0]);
    if (!command) return command.error();
    options.command = *command;
  }
  if (options.command == Command::bench || options.command == Command::send)
    return line.usage_error("'" + words[0] + "' has options of its own and comes first: asyncd " +
                            words[0] + " ...");
  if (options.command == Command::call) {
    if (words.size() < 2)
      return line.usage_error("call needs a handler: asyncd call HANDLER [DATA]");
    options.call_handler = words[1];
    if (words.size() > 2) options.call_data = words[2];
  } else if (options.command == Command::new_handler) {
    return take_new(words, line, options);
  } else if (options.command == Command::check_handler) {
    return take_handler(words, line, options);
  } else if (options.command == Command::service) {
    return take_service(words, line, options);
  } else if (words.size() > 1) {
    return line.usage_error("unexpected argument '" + shown_argument(words[1]) + "'");
  }
  return {};
}

Result<void> take_color(const CommandLine& line, Options& options) {
  const std::string when = line.last_value("color").value_or("auto");
  constexpr std::array<std::string_view, 3> words{"always", "auto", "never"};
  if (std::find(words.begin(), words.end(), when) == words.end())
    return line.usage_error("--color is always, auto or never, not '" + shown_argument(when) + "'" +
                            text::suggestion(when, words));
  options.color = ColorChoice::automatic;
  if (when == "always") options.color = ColorChoice::on;
  if (when == "never") options.color = ColorChoice::off;
  return {};
}

Result<void> take_log_level(const CommandLine& line, Options& options) {
  const std::size_t verbose = line.count("verbose");
  if (verbose != 0 && line.has("quiet")) return line.usage_error("-v and -q contradict each other");
  if (verbose != 0) options.sources.log_level = verbose == 1 ? "debug" : "trace";
  if (line.has("quiet")) options.sources.log_level = "warn";
  return {};
}

void take_sources(const CommandLine& line, Sources& sources) {
  sources.config_file = line.last_value("config");
  sources.find_config = !line.has("no-config");
  sources.assignments = line.values("o");
  sources.backend = line.last_value("backend");
  sources.handler = line.last_value("handler");
  sources.framing = line.last_value("framing");
  sources.listen = line.values("listen");
  sources.handler_path = line.values("handler-path");
}

// "asyncd COMMAND --help", or "asyncd help COMMAND". Of what may follow the command, nothing
// matters.
Result<void> take_help(std::vector<std::string> words, const CommandLine& line, Options& options) {
  options.command = Command::help;
  if (!words.empty() && words[0] == "help" && !(words.size() == 1 && line.has("help")))
    words.erase(words.begin());
  if (words.empty()) return {};
  const Result<Command> command = line.find_command(words[0]);
  if (!command) return command.error();
  options.help_for = *command;
  if (*command != Command::bench && *command != Command::send) return {};
  options.command = *command;  // it tells of itself
  words.push_back("--help");
  options.arguments = std::move(words);
  return {};
}

// A command with a command line of its own comes first.
std::optional<Command> own_command(std::span<const char* const> arguments) {
  const std::string_view first = arguments.empty() ? "" : arguments.front();
  if (first == "bench") return Command::bench;
  if (first == "send") return Command::send;
  if (first == "try-library") return Command::try_library;
  return std::nullopt;
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
  Options options;
  options.arguments.assign(arguments.begin(), arguments.end());
  if (const std::optional<Command> own = own_command(arguments)) {
    options.command = *own;
    return options;
  }
  CommandLine line(grammar(), arguments);
  if (Result<void> parsed = line.parse(); !parsed) return parsed.error();
  if (const std::vector<std::string> words = line.words();
      line.has("help") || (!words.empty() && words[0] == "help")) {
    if (Result<void> taken = take_help(words, line, options); !taken) return taken.error();
    return options;
  }
  if (Result<void> taken = take_words(line, options); !taken) return taken.error();
  if (line.has("version")) options.command = Command::version;
  if (Result<void> applies = line.check_applies(options.command); !applies) return applies.error();
  if (Result<void> taken = take_color(line, options); !taken) return taken.error();
  if (Result<void> taken = take_log_level(line, options); !taken) return taken.error();

  take_sources(line, options.sources);
  options.sources.needs_handler = options.command == Command::run ||
                                  options.command == Command::check ||
                                  options.command == Command::service;
  options.json = line.has("json");
  options.check_bind = line.has("bind");
  options.config_default = line.has("default");
  options.config_origin = line.has("origin");
  options.version_full =
      line.count("version") > 1 || (options.command == Command::version && line.has("verbose"));
  return options;
}

}  // namespace asyncd
