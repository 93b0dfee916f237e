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

int guarded(int (*command)(const Options&), const Options& options) {
  ExitGuard::on_breach(end_at_exit);
  const ExitGuard guard;
  const int code = command(options);
  ExitGuard::lift_all();
  return code;
}

int execute(const Options& options) {
  switch (options.command) {
    case Command::run:
      return run_command(options);
    case Command::check:
      return guarded(check_command, options);
    case Command::config:
      return config_command(options);
    case Command::backends:
      return backends_command(options);
    case Command::handlers:
      return handlers_command(options);
    case Command::call:
      return guarded(call_command, options);
    case Command::new_handler:
      return new_handler_command(options);
    case Command::check_handler:
      return check_handler_command(options);
    case Command::try_library:
      return try_library_command(options);
    case Command::bench:
    case Command::bench_matrix:  // these are told apart by bench itself
    case Command::bench_compare:
    case Command::bench_report:
      return guarded(bench_command, options);
    case Command::send:
      return send_command(options);
    case Command::service:
      return service_command(options);
    case Command::version:
      return version_command(options);
    case Command::help:
      print(options.help_for ? help_text(*options.help_for) : help_text());
      return 0;
  }
  return static_cast<int>(ExitCode::failure);
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
