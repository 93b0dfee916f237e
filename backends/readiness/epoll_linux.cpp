#include "backends/event_backend.h"
#include "backends/readiness/epoll_set_linux.h"
#include "backends/readiness/readiness.h"

namespace asyncd {

std::optional<std::string> why_no_epoll() { return std::nullopt; }

std::unique_ptr<Backend> make_epoll(const BackendOptions& options) {
  return std::make_unique<EventBackend<EventLoop<EpollSet>>>("epoll", threads_of(options));
}

}  // namespace asyncd
