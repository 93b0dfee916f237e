// Server::prepare: the next generation, with what it shares with the present one.
#include <algorithm>

#include "core/config/problems.h"
#include "core/server/mistakes.h"
#include "core/server/server.h"

namespace asyncd {

namespace {

bool is_served(const std::string& section, const Config& config) {
  return std::any_of(
      config.listeners.begin(), config.listeners.end(),
      [&](const ListenerConfig& listener) { return handler_section(listener.handler) == section; });
}

}  // namespace

Result<Generation> Server::prepare(const Config& config, const Loader& loader) const {
  Generation generation;
  generation.offload_threads = config.offload_threads;
  generation.memory = config.memory;
  Mistakes mistakes;
  for (const ListenerConfig& listener : config.listeners)
    mistakes.note(add(generation, listener, config, loader));
  for (const auto& [section, options] : config.handlers)
    if (!is_served(section, config)) mistakes.note(loader.check(section, config));
  if (mistakes.found()) return mistakes.all();
  return generation;
}

Result<void> Server::add(Generation& generation, const ListenerConfig& listener,
                         const Config& config, const Loader& loader) const {
  auto& handler = generation.handlers[listener.handler];
  if (handler == nullptr) {
    Result<std::shared_ptr<Handler>> loaded =
        loader.load(listener.handler, config, listener.handler_origin, handlers_);
    if (!loaded) return loaded.error();
    handler = std::move(*loaded);
  }
  Generation::Part part{listener, config.backends.at(listener.backend), nullptr, false, nullptr, {},
                        {}};
  const Part* present = find_same(part);
  if (present != nullptr && present->serves(*handler, listener)) {
    part.service = present->listener->service();
  } else {
    Result<std::shared_ptr<const Service>> service =
        make_service(handler, listener.framing, listener.limits, listener.stages);
    if (!service)
      return Error{service.error().code,
                   describe(listener.handler_origin, service.error().message)};
    part.service = std::move(*service);
  }
  part.goes_on = present != nullptr;
  if (!part.goes_on) {
    Result<std::unique_ptr<Backend>> backend =
        make_backend_(listener.backend, part.backend_options);
    if (!backend) return backend.error();
    part.backend = std::move(*backend);
  }
  generation.parts.push_back(std::move(part));
  return {};
}

// The listener that goes on as it is but for its service. What a backend has been built with is not
// in it.
const Server::Part* Server::find_same(const Generation::Part& wanted) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.config.name == wanted.config.name && part.config.address == wanted.config.address &&
           part.config.backend == wanted.config.backend &&
           part.backend_options == wanted.backend_options &&
           part.config.limits.input_buffer == wanted.config.limits.input_buffer;
  });
  return found == parts_.end() ? nullptr : &*found;
}

bool Server::Part::serves(const Handler& handler, const ListenerConfig& wanted) const {
  return listener->service()->owner.get() == &handler && config.framing == wanted.framing &&
         config.limits == wanted.limits && config.stages == wanted.stages;
}

}  // namespace asyncd
