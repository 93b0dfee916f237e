// proactor: Asio (epoll, kqueue or IOCP below it), one io_context for each thread, connections
// spread over the threads.
#pragma once

#include <memory>
#include <string>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::string proactor_library_version();
std::unique_ptr<Backend> make_proactor(const BackendOptions& options);

}  // namespace asyncd
