// thread-per-connection: each connection has a thread of its own, up to a number of them; then
// `overload` holds.
#pragma once

#include <memory>
#include <span>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::span<const Setting> thread_per_connection_settings();
std::unique_ptr<Backend> make_thread_per_connection(const BackendOptions& options);

}  // namespace asyncd
