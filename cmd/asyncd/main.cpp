#include <array>
#include <exception>
#include <string>
#include <vector>

#include "cmd/asyncd/commands.h"
#include "cmd/bench/command.h"
#include "cmd/cli/environment.h"
#include "cmd/cli/help.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/commands.h"
#include "cmd/process/control.h"
#include "cmd/send/command.h"
#include "cmd/serve/commands.h"
#include "cmd/service/service.h"
#include "core/base/exit_guard.h"
#include "core/files/start_folder.h"
#include "core/system/standard_streams.h"

namespace asyncd {

namespace {

// A handler that calls exit would end the command with exit code 0 and no message.
void end_at_exit() {
  static_cast<void>(flush_output());
  end_process(static_cast<ExitCode>(complain({ExitCode::failure, "a handler has called exit"})));
}

int help_command(const Options& options) {
  print(options.help_for ? help_text(*options.help_for) : help_text());
  return 0;
}

struct Action {
  Command command;
  int (*run)(const Options&);
  bool calls_handlers = false;
};

constexpr std::array<Action, run_commands> actions{{
    {Command::run, run_command},  // has a guard of its own
    {Command::check, check_command, true},
    {Command::config, config_command},
    {Command::backends, backends_command},
    {Command::handlers, handlers_command},
    {Command::call, call_command, true},
    {Command::new_handler, new_handler_command},
    {Command::check_handler, check_handler_command},
    {Command::bench, bench_command, true},
    {Command::send, send_command},
    {Command::service, service_command},
    {Command::version, version_command},
    {Command::help, help_command},
    {Command::try_library, try_library_command},
}};

constexpr bool is_complete() {
  for (std::size_t i = 0; i < actions.size(); ++i)
    if (actions[i].command != static_cast<Command>(i) || actions[i].run == nullptr) return false;
  return true;
}
static_assert(is_complete(), "each command has a function, in the order of Command");

int execute(const Options& options) {
  const Action& action = actions[static_cast<std::size_t>(options.command)];
  if (!action.calls_handlers) return action.run(options);
  ExitGuard::on_breach(end_at_exit);
  const ExitGuard guard;
  const int code = action.run(options);
  ExitGuard::lift_all();
  return code;
}

int run_program(const std::vector<std::string>& words) {
  prepare_process();
  note_start_folder();
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  Result<Options> options = parse_options(arguments);
  if (!options) return complain(options.error());
  read_environment(options->sources);
  const int code = execute(*options);
  // An answer that did not reach its reader is a failure, too: a full disk, a closed pipe.
  if (const Result<void> printed = flush_output(); !printed && code == 0)
    return complain(printed.error());
  return code;
}

}  // namespace

}  // namespace asyncd

int main(int argc, char** argv) {
  try {
    return asyncd::run_program(asyncd::read_arguments(argc, argv));
  } catch (const std::exception& failure) {
    static_cast<void>(asyncd::flush_output());
    return asyncd::complain(
        {asyncd::ExitCode::failure, std::string("internal error: ") + failure.what()});
  }
}
