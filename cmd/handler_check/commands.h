// asyncd handler check, and what asyncd starts to try a library. Each returns the process's exit
// code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int check_handler_command(const Options& options);
int try_library_command(const Options& options);

}  // namespace asyncd
