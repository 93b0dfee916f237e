// asyncd service. Returns the process's exit code.
#pragma once

#include "cmd/cli/options.h"

namespace asyncd {

int service_command(const Options& options);

}  // namespace asyncd
