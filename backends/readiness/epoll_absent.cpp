#include "backends/readiness/readiness.h"

namespace asyncd {

std::optional<std::string> why_no_epoll() {
  return "only Linux has epoll; proactor and poll work here";
}

std::unique_ptr<Backend> make_epoll(const BackendOptions&) { return nullptr; }

}  // namespace asyncd
