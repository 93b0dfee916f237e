#include "cmd/cli/options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include "cmd/cli/flags.h"
#include "cmd/cli/help.h"

using namespace asyncd;

namespace {

using Arguments = std::vector<const char*>;

Options parsed(const Arguments& arguments) {
  const Result<Options> options = parse_options(arguments);
  EXPECT_TRUE(options) << options.error().message;
  return options ? *options : Options{};
}

// The first line of the usage error; the second is always the same.
std::string refusal(const Arguments& arguments) {
  const Result<Options> options = parse_options(arguments);
  if (options) return "accepted";
  EXPECT_EQ(options.error().code, ExitCode::usage);
  const std::string& message = options.error().message;
  const std::size_t end = message.find('\n');
  EXPECT_EQ(message.substr(end + 1), "Try 'asyncd --help'.");
  return message.substr(0, end);
}

TEST(Options, NothingMeansRun) {
  const Options options = parsed({});
  EXPECT_EQ(options.command, Command::run);
  EXPECT_TRUE(options.sources.find_config);
  EXPECT_TRUE(options.sources.needs_handler);
  EXPECT_FALSE(options.sources.config_file);
  EXPECT_FALSE(options.sources.log_level);
  EXPECT_EQ(options.color, ColorChoice::automatic);
}

TEST(Options, EveryCommandIsKnown) {
  EXPECT_EQ(parsed({"run"}).command, Command::run);
  EXPECT_EQ(parsed({"check"}).command, Command::check);
  EXPECT_EQ(parsed({"config"}).command, Command::config);
  EXPECT_EQ(parsed({"backends"}).command, Command::backends);
  EXPECT_EQ(parsed({"handlers"}).command, Command::handlers);
  EXPECT_EQ(parsed({"call", "echo"}).command, Command::call);
  EXPECT_EQ(parsed({"version"}).command, Command::version);
  EXPECT_FALSE(parsed({"config"}).sources.needs_handler);
}

TEST(Options, ValuesFollowAnEqualsSignOrASpace) {
  for (const Arguments& arguments :
       {Arguments{"--backend=select", "--handler=echo", "--framing=raw"},
        Arguments{"--backend", "select", "--handler", "echo", "--framing", "raw"},
        Arguments{"-b", "select", "-H", "echo", "--framing=raw"},
        Arguments{"-bselect", "-Hecho", "--framing=raw"}}) {
    const Options options = parsed(arguments);
    EXPECT_EQ(options.sources.backend, "select");
    EXPECT_EQ(options.sources.handler, "echo");
    EXPECT_EQ(options.sources.framing, "raw");
  }
}

TEST(Options, StandBeforeAndAfterTheCommand) {
  for (const Arguments& arguments : {Arguments{"--json", "-c", "x.toml", "config", "--origin"},
                                     Arguments{"config", "--origin", "-c", "x.toml", "--json"}}) {
    const Options options = parsed(arguments);
    EXPECT_EQ(options.command, Command::config);
    EXPECT_EQ(options.sources.config_file, "x.toml");
    EXPECT_TRUE(options.json);
    EXPECT_TRUE(options.config_origin);
    EXPECT_FALSE(options.config_default);
  }
}

TEST(Options, ListsGrowAndSingleValuesAreReplaced) {
  const Options options = parsed({"-l", "[::]:80", "--listen=:81", "-o", "log.level=debug", "-o",
                                  "limits.max_message=[1]", "--handler-path=/a",
                                  "--handler-path=/b", "-Hfirst", "-Hlast"});
  EXPECT_EQ(options.sources.listen, (std::vector<std::string>{"[::]:80", ":81"}));
  EXPECT_EQ(options.sources.assignments,
            (std::vector<std::string>{"log.level=debug", "limits.max_message=[1]"}));
  EXPECT_EQ(options.sources.handler_path, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(options.sources.handler, "last");
}

TEST(Options, VerboseAndQuietSetTheLogLevel) {
  EXPECT_EQ(parsed({"-v"}).sources.log_level, "debug");
  EXPECT_EQ(parsed({"-vv"}).sources.log_level, "trace");
  EXPECT_EQ(parsed({"-v", "run", "--verbose"}).sources.log_level, "trace");
  EXPECT_EQ(parsed({"-q"}).sources.log_level, "warn");
  EXPECT_EQ(refusal({"-q", "-v"}), "-v and -q contradict each other");
}

TEST(Options, CallTakesAHandlerAndData) {
  const Options with_data = parsed({"call", "square", "-5"});
  EXPECT_EQ(with_data.call_handler, "square");
  EXPECT_EQ(with_data.call_data, "-5");
  EXPECT_EQ(parsed({"call", "run", "check"}).call_data, "check");
  EXPECT_EQ(parsed({"call", "echo", "[1,2]"}).call_data, "[1,2]");
  EXPECT_EQ(parsed({"call", "echo", "--", "--json"}).call_data, "--json");
  EXPECT_EQ(parsed({"call", "echo", ""}).call_data, "");
  EXPECT_EQ(parsed({"call", "echo"}).call_data, std::nullopt);
  EXPECT_EQ(parsed({"call", "echo", "ho"}).call_data, "ho");  // ends like -o, which needs a value
  EXPECT_EQ(refusal({"call"}), "call needs a handler: asyncd call HANDLER [DATA]");
  EXPECT_EQ(refusal({"call", "echo", "a", "b"}), "unexpected argument 'b'");
}

TEST(Options, VersionIsShortOrFull) {
  for (const Arguments& arguments :
       {Arguments{"--version"}, Arguments{"-V"}, Arguments{"version"}}) {
    EXPECT_EQ(parsed(arguments).command, Command::version);
    EXPECT_FALSE(parsed(arguments).version_full);
  }
  for (const Arguments& arguments : {Arguments{"-VV"}, Arguments{"version", "--verbose"},
                                     Arguments{"version", "-v"}, Arguments{"-V", "-V"}}) {
    EXPECT_EQ(parsed(arguments).command, Command::version);
    EXPECT_TRUE(parsed(arguments).version_full);
  }
  EXPECT_TRUE(parsed({"version", "--json"}).json);
}

TEST(Options, ColorIsOneOfThree) {
  EXPECT_EQ(parsed({"--color=always"}).color, ColorChoice::on);
  EXPECT_EQ(parsed({"--color", "never"}).color, ColorChoice::off);
  EXPECT_EQ(parsed({"--color=auto"}).color, ColorChoice::automatic);
  EXPECT_EQ(refusal({"--color=nevr"}),
            "--color is always, auto or never, not 'nevr'; did you mean 'never'?");
}

TEST(Options, UnknownWordsGetTheNearestKnownOne) {
  EXPECT_EQ(refusal({"--bakend=select"}), "unknown flag --bakend; did you mean --backend?");
  EXPECT_EQ(refusal({"--bakend", "select"}), "unknown flag --bakend; did you mean --backend?");
  EXPECT_EQ(refusal({"--hand=echo"}), "unknown flag --hand; did you mean --handler?");
  EXPECT_EQ(refusal({"--quite"}), "unknown flag --quite; did you mean --quiet?");
  EXPECT_EQ(refusal({"-x"}), "unknown flag -x");
  EXPECT_EQ(refusal({"--xyzzy"}), "unknown flag --xyzzy");
  EXPECT_EQ(refusal({"chekc"}), "unknown command 'chekc'; did you mean 'check'?");
  EXPECT_EQ(refusal({"start"}),
            "unknown command 'start': one of run, check, config, backends, handlers, call, new, "
            "handler, bench, "
            "send, service, version, help");
  EXPECT_EQ(refusal({"run", "echo"}), "unexpected argument 'echo'");
}

TEST(Options, AValueThatIsMissingIsAskedFor) {
  for (const Arguments& arguments : {Arguments{"--handler"}, Arguments{"--handler="},
                                     Arguments{"--handler", "--json"}, Arguments{"-H"}})
    EXPECT_EQ(refusal(arguments), "--handler needs a value: --handler=NAME");
  EXPECT_EQ(refusal({"-o"}), "-o needs a value: -o KEY=VALUE");
  EXPECT_EQ(refusal({"config", "--json=5"}), "--json takes no value");
}

TEST(Options, AFlagOfAnotherCommandIsRefused) {
  EXPECT_EQ(refusal({"--bind"}), "--bind means nothing to 'asyncd run'; it is for check");
  EXPECT_EQ(refusal({"backends", "--origin"}),
            "--origin means nothing to 'asyncd backends'; it is for config");
  EXPECT_EQ(refusal({"call", "echo", "--listen=:1"}),
            "--listen means nothing to 'asyncd call'; it is for run, check, config, service");
  EXPECT_TRUE(parsed({"check", "--bind"}).check_bind);
  EXPECT_TRUE(parsed({"config", "--default"}).config_default);
}

TEST(Options, ANewHandlerHasANameAndALanguage) {
  const Options made = parsed({"new", "handler", "mine"});
  EXPECT_EQ(made.command, Command::new_handler);
  EXPECT_EQ(made.new_name, "mine");
  EXPECT_FALSE(made.new_in_c);
  EXPECT_FALSE(made.new_async);
  EXPECT_TRUE(parsed({"new", "handler", "mine", "--async"}).new_async);
  EXPECT_TRUE(parsed({"new", "handler", "mine", "--lang=c"}).new_in_c);
  EXPECT_FALSE(parsed({"--lang", "cpp", "new", "handler", "mine"}).new_in_c);
  EXPECT_EQ(refusal({"new"}), "new needs to know what: write asyncd new handler NAME");
  EXPECT_EQ(refusal({"new", "backend", "mine"}),
            "new makes a handler, not 'backend': write asyncd new handler NAME");
  EXPECT_EQ(refusal({"new", "handler"}),
            "a new handler needs a name: write asyncd new handler NAME");
  EXPECT_EQ(refusal({"new", "handler", "mine", "--lang=C"}), "--lang is c or cpp, not 'C'");
}

TEST(Options, AHandlersLibraryIsExaminedWithASeedOrWithout) {
  const Options given =
      parsed({"handler", "check", "./x.so", "--seed=18446744073709551615", "-o", "a.b=c"});
  EXPECT_EQ(given.command, Command::check_handler);
  EXPECT_EQ(given.library, "./x.so");
  EXPECT_EQ(given.seed, 18446744073709551615U);
  EXPECT_FALSE(given.examines);
  EXPECT_EQ(given.arguments.size(), 6U);
  EXPECT_EQ(parsed({"handler", "check", "x"}).seed, std::nullopt);
  EXPECT_TRUE(parsed({"--examine", "--seed=1", "handler", "check", "x"}).examines);
  EXPECT_EQ(refusal({"handler", "check", "x", "--seed=1s"}), "--seed is a number, not '1s'");
  EXPECT_EQ(refusal({"handler", "check", "x", "--seed=18446744073709551616"}),
            "--seed is a number, not '18446744073709551616'");
}

TEST(Options, AServiceHasActionsAndItsSettingsWhenItIsInstalled) {
  EXPECT_EQ(refusal({"service"}), "service needs one action: install, uninstall, start, stop, run");
  EXPECT_EQ(refusal({"service", "stopp"}), "'stopp' is no action of service; did you mean 'stop'?");
  EXPECT_EQ(refusal({"service", "stop", "now"}), "unexpected argument 'now'");
  const Options install = parsed({"service", "install", "--handler=echo", "-o", "log.file=x"});
  EXPECT_EQ(install.service_action, ServiceAction::install);
  EXPECT_TRUE(install.sources.needs_handler);
  EXPECT_EQ(install.sources.handler, "echo");
  EXPECT_EQ(
      refusal({"service", "start", "--handler=echo"}),
      "--handler means nothing to 'asyncd service start'; it is for 'asyncd service install'");
  EXPECT_EQ(parsed({"service", "stop", "-v"}).service_action, ServiceAction::stop);
  const Options run = parsed({"service", "run", "C:/a folder", "--handler=echo"});
  EXPECT_EQ(run.service_action, ServiceAction::run);
  EXPECT_EQ(run.service_folder, "C:/a folder");
}

TEST(Options, HelpWinsAndFitsATerminal) {
  for (const Arguments& arguments :
       {Arguments{"--help"}, Arguments{"-h"}, Arguments{"-o", "a=b", "-h"}}) {
    EXPECT_EQ(parsed(arguments).command, Command::help);
    EXPECT_FALSE(parsed(arguments).help_for);
  }
  std::istringstream help(help_text());
  std::size_t lines = 0, examples = 0;
  for (std::string line; std::getline(help, line); ++lines) {
    EXPECT_LE(line.size(), 100U) << line;
    if (line.starts_with("  asyncd ")) ++examples;
  }
  EXPECT_LE(lines, 45U);
  EXPECT_EQ(examples, 3U);
}

TEST(Options, HelpIsOfACommandWhereItIsNamed) {
  for (const Subcommand& command : commands()) {
    const std::string name(command.name);
    for (const Arguments& arguments :
         {Arguments{name.c_str(), "--help"}, Arguments{"-h", name.c_str()},
          Arguments{"help", name.c_str()}, Arguments{"help", name.c_str(), "-v"}}) {
      const Options options = parsed(arguments);
      const bool tells_itself =
          command.command == Command::bench || command.command == Command::send;
      EXPECT_EQ(options.command, tells_itself ? command.command : Command::help) << name;
      if (tells_itself) {
        EXPECT_EQ(options.arguments, (std::vector<std::string>{name, "--help"}));
      } else {
        EXPECT_EQ(options.help_for, command.command) << name;
      }
    }
  }
  EXPECT_EQ(parsed({"help"}).command, Command::help);
  EXPECT_FALSE(parsed({"help"}).help_for);
  EXPECT_EQ(parsed({"help", "bench", "matrix"}).arguments,
            (std::vector<std::string>{"bench", "matrix", "--help"}));
  EXPECT_EQ(parsed({"call", "echo", "text", "--help"}).help_for, Command::call);
  EXPECT_EQ(refusal({"help", "chek"}), "unknown command 'chek'; did you mean 'check'?");
  EXPECT_EQ(refusal({"chek", "--help"}), "unknown command 'chek'; did you mean 'check'?");
}

// Its own flags and no other, its exit codes, an example.
TEST(Options, EachCommandHasAHelpOfItsOwn) {
  std::set<std::string> texts{help_text()};
  for (const Subcommand& command : commands()) {
    if (command.command == Command::bench || command.command == Command::send) continue;
    const std::string text = help_text(command.command);
    SCOPED_TRACE(text);
    EXPECT_TRUE(texts.insert(text).second);
    EXPECT_TRUE(text.starts_with("Usage: asyncd "));
    EXPECT_NE(text.find("\nExit codes:\n  0 "), std::string::npos);
    EXPECT_NE(text.find("\nExamples:\n  asyncd "), std::string::npos);
    for (const Flag& flag : flags()) {
      const bool applies = (flag.commands & only(command.command)) != 0 && !flag.doc.empty();
      EXPECT_EQ(text.find("\n  " + flag_names(flag) + " ") != std::string::npos, applies)
          << flag_names(flag);
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 110U) << line;
  }
}

TEST(Options, ShowsNoControlBytes) {
  EXPECT_EQ(refusal({"\x1b[2J"}).substr(0, 23), "unknown command '\\x1b[2");
}

}  // namespace
