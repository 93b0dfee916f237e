#include "cmd/cli/options.h"

#include <algorithm>
#include <array>
#include <vector>

#include "cmd/cli/command_line.h"
#include "core/text/nearest.h"

namespace asyncd {
namespace {

Result<void> take_words(const CommandLine& line, Options& options) {
  const std::vector<std::string> words = line.words();
  if (!words.empty()) {
    const Result<Command> command = line.find_command(words[0]);
    if (!command) return command.error();
    options.command = *command;
  }
  const CommandTraits& traits = find_row(options.command)->traits;
  if (traits.has_own_line)
    return line.usage_error("'" + words[0] + "' has options of its own and comes first: asyncd " +
                            words[0] + " ...");
  return traits.read_words(words, line, options);
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
  if (!find_row(*command)->traits.has_own_line) return {};
  options.command = *command;  // it tells of itself
  words.push_back("--help");
  options.arguments = std::move(words);
  return {};
}

// A command with a command line of its own comes first.
std::optional<Command> own_command(std::span<const char* const> arguments) {
  const std::string_view first = arguments.empty() ? "" : arguments.front();
  for (const Subcommand& row : commands())
    if (row.traits.has_own_line && row.name == first) return row.command;
  return first == "try-library" ? std::optional(Command::try_library) : std::nullopt;
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
  options.sources.needs_handler = find_row(options.command)->traits.needs_handler;
  options.json = line.has("json");
  options.check_bind = line.has("bind");
  options.config_default = line.has("default");
  options.config_origin = line.has("origin");
  options.version_full =
      line.count("version") > 1 || (options.command == Command::version && line.has("verbose"));
  return options;
}

}  // namespace asyncd
