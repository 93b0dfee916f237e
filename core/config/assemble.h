// From all that was given to the effective configuration: the second half of load_config.
// Start-up only; one thread.
#pragma once

#include "core/config/given.h"
#include "core/config/load.h"
#include "core/config/problems.h"

namespace asyncd {

// Fills the configuration and the values of `loaded`, whose file is known. Where there are problems
// both are of no use.
void assemble(const GivenConfig& given, const Schema& schema, bool needs_handler, Loaded& loaded,
              Problems& problems);

}  // namespace asyncd
