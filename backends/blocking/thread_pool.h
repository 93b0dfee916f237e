// thread-pool: a fixed number of threads take connections from a bounded queue; when it is full,
// `overload` holds.
#pragma once

#include <memory>
#include <span>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::span<const Setting> thread_pool_settings();
std::unique_ptr<Backend> make_thread_pool(const BackendOptions& options);

}  // namespace asyncd
