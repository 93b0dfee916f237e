#include "backends/proactor/proactor.h"

#include <asio/version.hpp>

#include "backends/event_backend.h"
#include "backends/proactor/asio_loop.h"

namespace asyncd {

std::string proactor_library_version() {
  constexpr unsigned version = ASIO_VERSION;
  return std::to_string(version / 100'000) + '.' + std::to_string(version / 100 % 1000) + '.' +
         std::to_string(version % 100);
}

std::unique_ptr<Backend> make_proactor(const BackendOptions& options) {
  return std::make_unique<EventBackend<AsioLoop>>("proactor", threads_of(options));
}

}  // namespace asyncd
