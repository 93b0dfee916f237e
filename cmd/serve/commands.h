// asyncd run and asyncd check. Each returns the process's exit code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int run_command(const Options& options);
int check_command(const Options& options);

}  // namespace asyncd
