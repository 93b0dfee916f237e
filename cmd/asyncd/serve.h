// What run and check have in common: a Server made of the registry's backends.
#pragma once

#include "cmd/asyncd/options.h"
#include "core/server/server.h"

namespace asyncd {

Result<std::unique_ptr<Server>> make_server(const Options& options, const Config& config);

}  // namespace asyncd
