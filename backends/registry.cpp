#include "backends/registry.h"

#include <algorithm>

#include "backends/blocking/blocking.h"
#include "backends/blocking/thread_per_connection.h"
#include "backends/blocking/thread_pool.h"
#include "backends/event_backend.h"
#include "backends/proactor/proactor.h"
#include "backends/readiness/readiness.h"

namespace asyncd {

namespace {

std::optional<std::string> everywhere() { return std::nullopt; }
std::span<const Setting> no_settings() { return {}; }

const BackendEntry entries[] = {
    {"blocking", "one thread, one connection at a time; the next client waits", everywhere,
     no_settings, make_blocking, false},
    {"thread-per-connection", "a thread for each connection", everywhere,
     thread_per_connection_settings, make_thread_per_connection, true},
    {"thread-pool", "a fixed number of threads behind a bounded queue", everywhere,
     thread_pool_settings, make_thread_pool, true},
    {"select", "one thread, all connections, readiness by select()", everywhere, no_settings,
     make_select, true},
    {"poll", "one thread, all connections, readiness by poll()", everywhere, no_settings, make_poll,
     true},
    {"epoll", "an event loop for each core, readiness by Linux's epoll", why_no_epoll,
     event_loop_settings, make_epoll, true},
    {"proactor", "an event loop for each core, completions by Asio", everywhere,
     event_loop_settings, make_proactor, true},
};

}  // namespace

std::span<const BackendEntry> backends() { return entries; }

std::string asio_version() { return proactor_library_version(); }

const BackendEntry* find_backend(std::string_view name) {
  const auto found = std::find_if(std::begin(entries), std::end(entries),
                                  [&](const BackendEntry& e) { return e.name == name; });
  return found == std::end(entries) ? nullptr : &*found;
}

}  // namespace asyncd
