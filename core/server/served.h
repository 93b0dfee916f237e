// Served: a listener with its backend, as long as either is of use. The server's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

struct Served {
  ListenerConfig config;
  BackendOptions backend_options;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Backend> backend;
  // services that it had before, the oldest first
  std::vector<std::weak_ptr<const Service>> older;
  Instant stop_at = never;  // of one that is leaving
  // likewise: the listener that has its sockets now
  std::string successor;
};

}  // namespace asyncd
