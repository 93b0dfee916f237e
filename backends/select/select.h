// select: one thread serves all connections of a listener, as many as select() can watch.
#pragma once

#include <memory>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::unique_ptr<Backend> make_select(const BackendOptions& options);

}  // namespace asyncd
