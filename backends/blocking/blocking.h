// blocking: one thread serves one connection at a time; the next client waits in the system's queue
// until the first has gone.
#pragma once

#include <memory>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::unique_ptr<Backend> make_blocking(const BackendOptions& options);

}  // namespace asyncd
