// The small subcommands. Each returns the process's exit code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int config_command(const Options& options);
int backends_command(const Options& options);
int handlers_command(const Options& options);
int call_command(const Options& options);
int new_handler_command(const Options& options);
int version_command(const Options& options);

}  // namespace asyncd
