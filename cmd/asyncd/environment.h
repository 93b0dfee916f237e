// The process's environment, as the configuration wants it. Read once, by main, before any thread exists.
#pragma once

#include "core/config/load.h"

namespace asyncd {

// Sets sources.environment and sources.environment_names.
void read_environment(Sources& sources);

}  // namespace asyncd
