// The subcommands: each returns the process's exit code. Answers go to standard output, everything
// else to standard error.
#pragma once

#include "cmd/asyncd/options.h"
#include "core/config/load.h"

namespace asyncd {

int run_command(const Options& options);
int check_command(const Options& options);
int config_command(const Options& options);
int backends_command(const Options& options);
int handlers_command(const Options& options);
int call_command(const Options& options);
int new_handler_command(const Options& options);
int check_handler_command(const Options& options);
int try_library_command(const Options& options);
int bench_command(const Options& options);
int send_command(const Options& options);
int service_command(const Options& options);
int version_command(const Options& options);

// What the registry offers, as the configuration needs it.
const Schema& registry_schema();

// Whether standard error is a terminal that knows more than lines: colours, and ways to draw over.
bool stderr_draws(const Sources& sources);

// Prints "asyncd: " and the message to standard error; returns the exit code.
int complain(const Error& error);

// Prints "asyncd: warning: " and the message to standard error.
void warn(const std::string& message);
void print_warnings(const Loaded& loaded);

// load_config, with its warnings printed.
Result<Loaded> load_and_warn(const Sources& sources);

}  // namespace asyncd
