// The commands of asyncd, and what the words behind each mean. Another one is a value of Command
// and a row of the table here, and its function in cmd/asyncd/main.cpp; a forgotten one does not
// compile.
#include <algorithm>
#include <array>
#include <charconv>

#include "cmd/cli/command_line.h"
#include "cmd/cli/flags.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

// "service start" and its like use what the service was installed with.
Result<void> check_no_settings(const CommandLine& line, std::string_view action) {
  for (const Flag& flag : flags()) {
    if (flag.commands == all_commands) continue;
    if (line.has(key_of(flag)))
      return line.usage_error(flag_name(flag) + " means nothing to 'asyncd service " +
                              std::string(action) + "'; it is for 'asyncd service install'");
  }
  return {};
}

Result<void> read_service(const std::vector<std::string>& words, const CommandLine& line,
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

Result<void> read_new(const std::vector<std::string>& words, const CommandLine& line,
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

Result<void> read_handler(const std::vector<std::string>& words, const CommandLine& line,
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

Result<void> read_call(const std::vector<std::string>& words, const CommandLine& line,
                       Options& options) {
  if (words.size() < 2) return line.usage_error("call needs a handler: asyncd call HANDLER [DATA]");
  options.call_handler = words[1];
  if (words.size() > 2) options.call_data = words[2];
  return {};
}

Result<void> no_words(const std::vector<std::string>& words, const CommandLine& line, Options&) {
  if (words.size() > 1)
    return line.usage_error("unexpected argument '" + shown_argument(words[1]) + "'");
  return {};
}

constexpr std::array<Subcommand, listed_commands> table{{
    {Command::run,
     "run",
     "",
     "serve; the command where none is given",
     "[run] [OPTION]...",
     "Serves each [[listener]] of the configuration, or the one that the options describe, until "
     "TERM or Ctrl-C.\n"
     "On the signal HUP it reads the configuration again. Without a file, --handler is all it "
     "needs.\n",
     "0   it has ended as it was told\n"
     "1   failed at run time\n"
     "2   wrong command line\n"
     "65  a handler is rejected\n"
     "66  no such handler or file\n"
     "69  the backend is unavailable here\n"
     "71  a limit of the system\n"
     "73  cannot listen, or create the log's file\n"
     "75  connections were cut while draining, or a handler did not return\n"
     "77  no permission, or others may write the file\n"
     "78  the configuration is wrong\n",
     "asyncd --handler=square --backend=select --listen=:9000   square, on all addresses\n"
     "asyncd -c asyncd.toml -o log.level=debug                  a file, and one setting changed\n",
     {.serves = true, .is_configured = true, .needs_handler = true, .read_words = no_words}},
    {Command::check,
     "check",
     "",
     "say everything that is wrong with the configuration",
     "check [OPTION]...",
     "Reads the configuration, loads its handlers, and says everything that is wrong, with line "
     "and column.\n"
     "Serves nothing.\n",
     "0   nothing is wrong; else what 'asyncd run' would end with:\n"
     "2   wrong command line\n"
     "65  a handler is rejected\n"
     "66  no such handler or file\n"
     "69  the backend is unavailable here\n"
     "71  a limit of the system\n"
     "73  an address cannot be bound (with --bind)\n"
     "77  no permission, or others may write the file\n"
     "78  the configuration is wrong\n",
     "asyncd check -c asyncd.toml          before a reload\n"
     "asyncd check --bind                  and whether the addresses are free\n",
     {.serves = true,
      .is_configured = true,
      .answers_in_json = true,
      .needs_handler = true,
      .read_words = no_words}},
    {Command::config,
     "config",
     "",
     "print the settings in effect",
     "config [OPTION]...",
     "Prints the settings in effect, as a configuration file: from flags, environment, file and "
     "defaults.\n",
     "0   printed\n"
     "2   wrong command line\n"
     "66  no such file\n"
     "77  no permission, or others may write the file\n"
     "78  the configuration is wrong\n",
     "asyncd config --default > asyncd.toml    every setting, to start from\n"
     "asyncd config --origin                   where each value came from\n",
     {.serves = true, .is_configured = true, .answers_in_json = true, .read_words = no_words}},
    {Command::backends,
     "backends",
     "",
     "list the ways to do I/O, and which work here",
     "backends [OPTION]...",
     "Lists the ways to do I/O: what each is for, its options, and whether it works here.\n",
     "0   listed\n"
     "2   wrong command line\n",
     "asyncd backends\n",
     {.is_configured = true, .answers_in_json = true, .read_words = no_words}},
    {Command::handlers,
     "handlers",
     "",
     "list the handlers that are found",
     "handlers [OPTION]...",
     "Lists the handlers that are found, with their options, and why others cannot be used.\n",
     "0   listed\n"
     "2   wrong command line\n"
     "66  no such configuration file\n"
     "77  no permission, or others may write the configuration\n"
     "78  the configuration is wrong\n",
     "asyncd handlers --handler-path=.     those of this folder first\n",
     {.is_configured = true, .answers_in_json = true, .read_words = no_words}},
    {Command::call,
     "call",
     "HANDLER [DATA]",
     "give one message to a handler, without a network",
     "call HANDLER [DATA] [OPTION]...",
     "Gives one message to a handler, without a network, and prints its reply. HANDLER is a name "
     "or a path.\n"
     "Without DATA it gives what standard input holds, cut into messages by the framing.\n",
     "0   replied\n"
     "1   the reply is an error, or the handler has failed\n"
     "2   wrong command line\n"
     "65  the handler is rejected\n"
     "66  no such handler or file\n"
     "77  no permission, or others may write the file\n"
     "78  the configuration is wrong\n",
     "asyncd call square 7\n"
     "asyncd call ./shout.so < message.txt\n",
     {.is_configured = true, .read_words = read_call}},
    {Command::new_handler,
     "new",
     "handler NAME",
     "write a folder to begin a handler of your own with",
     "new handler NAME [OPTION]...",
     "Writes a folder NAME to begin a handler of your own with, and says how to build, test and "
     "serve it.\n",
     "0   written\n"
     "2   wrong command line, or no name for a handler\n"
     "73  the folder cannot be created\n",
     "asyncd new handler shout\n"
     "asyncd new handler shout --lang=c --async\n",
     {.read_words = read_new}},
    {Command::check_handler,
     "handler",
     "check FILE",
     "examine a handler's library, in a process of its own",
     "handler check FILE [OPTION]...",
     "Examines a handler's library in a process of its own: options, life cycle, random "
     "messages.\n",
     "0   nothing is wrong with it\n"
     "2   wrong command line\n"
     "65  something is: the findings say what\n"
     "66  no such file\n"
     "77  no permission, or others may write the file\n",
     "asyncd handler check ./shout.so\n"
     "asyncd handler check ./shout.so --seed=1     with the messages of an earlier run\n",
     {.is_configured = true, .answers_in_json = true, .read_words = read_handler}},
    {Command::bench,
     "bench",
     "[TARGET]",
     "measure a server",
     "",
     "",
     "",
     "",
     {.has_own_line = true}},
    {Command::send,
     "send",
     "ADDRESS...",
     "send messages to servers",
     "",
     "",
     "",
     "",
     {.has_own_line = true}},
    {Command::service,
     "service",
     "ACTION",
     "Windows: install, uninstall, start or stop asyncd as a service",
     "service ACTION [OPTION]...",
     "On Windows asyncd may be a service. ACTION is install, uninstall, start, stop, or run, which "
     "the service\n"
     "manager calls. The options of install are what the service will run with.\n",
     "0   done\n"
     "1   failed\n"
     "2   wrong command line\n"
     "66  there is no such service\n"
     "69  this system has no such services\n"
     "77  no permission: an administrator may\n",
     "asyncd service install --config=C:\\asyncd\\asyncd.toml\n"
     "asyncd service start\n",
     {.serves = true, .is_configured = true, .needs_handler = true, .read_words = read_service}},
    {Command::version,
     "version",
     "",
     "print the version",
     "version [OPTION]...",
     "Prints the version; with -v the full report: how it was built, with what, and what works "
     "here.\n",
     "0   printed\n"
     "2   wrong command line\n",
     "asyncd version -v\n",
     {.answers_in_json = true, .read_words = no_words}},
    {Command::help,
     "help",
     "[COMMAND]",
     "what a command does, its options and exit codes",
     "help [COMMAND]",
     "Prints what asyncd can do, or what one of its commands does.\n",
     "0   printed\n"
     "2   wrong command line\n",
     "asyncd help check\n",
     {.read_words = no_words}},
}};

constexpr bool is_complete() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Subcommand& row = table[i];
    if (row.command != static_cast<Command>(i) || row.name.empty() || row.doc.empty()) return false;
    const bool own = row.traits.has_own_line;
    if (own == row.has_help() || own == (row.traits.read_words != nullptr)) return false;
  }
  return true;
}
static_assert(is_complete(), "each command has a row of its own, in the order of Command");

}  // namespace

std::span<const Subcommand> commands() { return table; }

const Subcommand* find_row(Command command) {
  const auto index = static_cast<std::size_t>(command);
  return index < table.size() ? &table[index] : nullptr;
}

}  // namespace asyncd
