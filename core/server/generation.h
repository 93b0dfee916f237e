// Generation: a configuration made ready to be served: handlers created, services made, backends
// made, addresses bound. Nothing of it serves yet, so it can be thrown away; what has not changed
// is taken over from what serves now.
//
// Owned by its creator, then by the server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/loader.h"
#include "core/server/served.h"

namespace asyncd {

struct Generation {
  struct Part {
    ListenerConfig config;
    BackendOptions backend_options;
    std::shared_ptr<const Service> service;
    bool goes_on = false;  // the listener of this name is there already; else it needs:
    std::unique_ptr<Backend> backend;
    Listener::Place place;  // once bound
    // addresses of its name that this system has not, such as ::1 without IPv6
    std::vector<std::string> left_out;
  };

  std::size_t offload_threads = 0;
  std::uint64_t memory = 0;  // limits.memory
  Handlers handlers;
  std::vector<Part> parts;
};

// How the caller makes a backend by its name: the core knows none.
using MakeBackend = std::function<Result<std::unique_ptr<Backend>>(const std::string& name,
                                                                   const BackendOptions& options)>;

// What serves now, from which a generation takes over what has not changed.
struct Predecessor {
  const Handlers& handlers;
  const std::vector<Served>& served;
};

// All handlers loaded (each once, however many listeners it has) and their options checked. All
// mistakes are reported, not the first.
Result<Generation> prepare_generation(const Config& config, const Loader& loader,
                                      const Predecessor& present, const MakeBackend& make_backend);

// A service for one listener. 65: the framing needs a hook that the handler lacks.
Result<std::shared_ptr<const Service>> make_service(std::shared_ptr<Handler> handler,
                                                    const Framing& framing, const Limits& limits,
                                                    std::shared_ptr<const StageMaker> stages = {});

}  // namespace asyncd
