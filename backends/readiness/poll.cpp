#include "backends/event_backend.h"
#include "backends/readiness/poll_set.h"
#include "backends/readiness/readiness.h"

namespace asyncd {

std::unique_ptr<Backend> make_poll(const BackendOptions&) {
  return std::make_unique<EventBackend<EventLoop<PollSet>>>("poll", 1);
}

}  // namespace asyncd
