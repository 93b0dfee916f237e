#include "backends/event_backend.h"
#include "backends/readiness/readiness.h"
#include "backends/readiness/select_set.h"

namespace asyncd {

std::unique_ptr<Backend> make_select(const BackendOptions&) {
  return std::make_unique<EventBackend<EventLoop<SelectSet>>>("select", 1);
}

}  // namespace asyncd
