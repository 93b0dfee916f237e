// asyncd bench. Returns the process's exit code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int bench_command(const Options& options);

}  // namespace asyncd
