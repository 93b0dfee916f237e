// proactor: Asio (epoll, kqueue or IOCP below it), one io_context for each thread, connections spread over the threads.
#pragma once

#include <memory>
#include <span>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

std::span<const Setting> proactor_settings();
std::string proactor_library_version();
std::unique_ptr<Backend> make_proactor(const BackendOptions& options);

}  // namespace asyncd
