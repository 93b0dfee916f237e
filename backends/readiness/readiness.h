// Backends of event loops by readiness: the system tells which sockets can be read or written.
// select and poll have one loop, epoll has one for each thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::unique_ptr<Backend> make_select(const BackendOptions& options);
std::unique_ptr<Backend> make_poll(const BackendOptions& options);

std::optional<std::string> why_no_epoll();                           // nothing on Linux
std::unique_ptr<Backend> make_epoll(const BackendOptions& options);  // null elsewhere

}  // namespace asyncd
