// asyncd send. Returns the process's exit code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int send_command(const Options& options);

}  // namespace asyncd
