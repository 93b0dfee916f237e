#include "cmd/cli/help.h"

#include <array>

#include "cmd/cli/command_line.h"

namespace asyncd {
namespace {

constexpr std::array<CommandHelp, 11> help_table{{
    {Command::run, "[run] [OPTION]...",
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
     "asyncd -c asyncd.toml -o log.level=debug                  a file, and one setting changed\n"},
    {Command::check, "check [OPTION]...",
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
     "asyncd check --bind                  and whether the addresses are free\n"},
    {Command::config, "config [OPTION]...",
     "Prints the settings in effect, as a configuration file: from flags, environment, file and "
     "defaults.\n",
     "0   printed\n"
     "2   wrong command line\n"
     "66  no such file\n"
     "77  no permission, or others may write the file\n"
     "78  the configuration is wrong\n",
     "asyncd config --default > asyncd.toml    every setting, to start from\n"
     "asyncd config --origin                   where each value came from\n"},
    {Command::backends, "backends [OPTION]...",
     "Lists the ways to do I/O: what each is for, its options, and whether it works here.\n",
     "0   listed\n"
     "2   wrong command line\n",
     "asyncd backends\n"},
    {Command::handlers, "handlers [OPTION]...",
     "Lists the handlers that are found, with their options, and why others cannot be used.\n",
     "0   listed\n"
     "2   wrong command line\n"
     "66  no such configuration file\n"
     "77  no permission, or others may write the configuration\n"
     "78  the configuration is wrong\n",
     "asyncd handlers --handler-path=.     those of this folder first\n"},
    {Command::call, "call HANDLER [DATA] [OPTION]...",
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
     "asyncd call ./shout.so < message.txt\n"},
    {Command::new_handler, "new handler NAME [OPTION]...",
     "Writes a folder NAME to begin a handler of your own with, and says how to build, test and "
     "serve it.\n",
     "0   written\n"
     "2   wrong command line, or no name for a handler\n"
     "73  the folder cannot be created\n",
     "asyncd new handler shout\n"
     "asyncd new handler shout --lang=c --async\n"},
    {Command::check_handler, "handler check FILE [OPTION]...",
     "Examines a handler's library in a process of its own: options, life cycle, random "
     "messages.\n",
     "0   nothing is wrong with it\n"
     "2   wrong command line\n"
     "65  something is: the findings say what\n"
     "66  no such file\n"
     "77  no permission, or others may write the file\n",
     "asyncd handler check ./shout.so\n"
     "asyncd handler check ./shout.so --seed=1     with the messages of an earlier run\n"},
    {Command::service, "service ACTION [OPTION]...",
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
     "asyncd service start\n"},
    {Command::version, "version [OPTION]...",
     "Prints the version; with -v the full report: how it was built, with what, and what works "
     "here.\n",
     "0   printed\n"
     "2   wrong command line\n",
     "asyncd version -v\n"},
    {Command::help, "help [COMMAND]",
     "Prints what asyncd can do, or what one of its commands does.\n",
     "0   printed\n"
     "2   wrong command line\n",
     "asyncd help check\n"},
}};

constexpr std::string_view example_lines = R"(Examples:
  asyncd --handler=echo                                    serve echo on 127.0.0.1:8080
  asyncd --handler=square --backend=select --listen=:9000  another I/O model, on all addresses
  asyncd config --default > asyncd.toml                    a file with every setting
)";

}  // namespace

std::string help_text() {
  return "Usage: asyncd [COMMAND] [OPTION]...\nPut a handler on the network, on the I/O model of "
         "your choice.\n" +
         help_of(grammar()) + "\n" + std::string(example_lines);
}

std::string help_text(Command command) {
  for (const CommandHelp& help : help_table)
    if (help.command == command) return help_of(grammar(), help);
  return help_text();
}

}  // namespace asyncd
