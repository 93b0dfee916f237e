#include "core/server/generation.h"

#include <atomic>

#include "core/config/problems.h"
#include "core/server/mistakes.h"

namespace asyncd {

Result<std::shared_ptr<const Service>> make_service(std::shared_ptr<Handler> handler,
                                                    const Framing& framing, const Limits& limits,
                                                    std::shared_ptr<const StageMaker> stages) {
  if (framing.kind == FramingKind::handler && handler->hooks().frame == nullptr)
    return Error{ExitCode::handler_rejected,
                 "handler '" + handler->name() +
                     "' has no framing of its own; choose framing line, raw, fixed or length"};
  static std::atomic<std::uint64_t> last{0};
  auto service = std::make_shared<Service>();
  service->number = ++last;
  service->handler_name = handler->name();
  service->hooks = &handler->hooks();
  service->self = handler->self();
  service->host = &handler->host();
  service->framer = make_framer(framing, limits.max_message, handler->hooks(), handler->self());
  service->limits = limits;
  service->stages = std::move(stages);
  service->gate = handler->gate();
  service->owner = std::move(handler);
  return std::shared_ptr<const Service>(std::move(service));
}

namespace {

bool is_served(const std::string& section, const Config& config) {
  return std::any_of(
      config.listeners.begin(), config.listeners.end(),
      [&](const ListenerConfig& listener) { return handler_section(listener.handler) == section; });
}

// The listener that goes on as it is but for its service. What a backend has been built with is not
// in it.
const Served* find_same(const std::vector<Served>& present, const Generation::Part& wanted) {
  const auto found = std::find_if(present.begin(), present.end(), [&](const Served& served) {
    return served.config.name == wanted.config.name &&
           served.config.address == wanted.config.address &&
           served.config.backend == wanted.config.backend &&
           served.backend_options == wanted.backend_options &&
           served.config.limits.input_buffer == wanted.config.limits.input_buffer;
  });
  return found == present.end() ? nullptr : &*found;
}

// Whether its service is the one that is wanted.
bool serves(const Served& served, const Handler& handler, const ListenerConfig& wanted) {
  return served.listener->service()->owner.get() == &handler &&
         served.config.framing == wanted.framing && served.config.limits == wanted.limits &&
         served.config.stages == wanted.stages;
}

class Preparation {
 public:
  Preparation(const Config& config, const Loader& loader, const Predecessor& present,
              const MakeBackend& make_backend)
      : config_(config), loader_(loader), present_(present), make_backend_(make_backend) {}

  Result<Generation> run() {
    generation_.offload_threads = config_.offload_threads;
    generation_.memory = config_.memory;
    Mistakes mistakes;
    for (const ListenerConfig& listener : config_.listeners) mistakes.note(add(listener));
    for (const auto& [section, options] : config_.handlers)
      if (!is_served(section, config_)) mistakes.note(loader_.check(section, config_));
    if (mistakes.found()) return mistakes.all();
    return std::move(generation_);
  }

 private:
  Result<void> add(const ListenerConfig& listener) {
    auto& handler = generation_.handlers[listener.handler];
    if (handler == nullptr) {
      Result<std::shared_ptr<Handler>> loaded =
          loader_.load(listener.handler, config_, listener.handler_origin, present_.handlers);
      if (!loaded) return loaded.error();
      handler = std::move(*loaded);
    }
    Generation::Part part{
        listener, config_.backends.at(listener.backend), nullptr, false, nullptr, {}, {}};
    const Served* same = find_same(present_.served, part);
    if (same != nullptr && serves(*same, *handler, listener)) {
      part.service = same->listener->service();
    } else {
      Result<std::shared_ptr<const Service>> service =
          make_service(handler, listener.framing, listener.limits, listener.stages);
      if (!service)
        return Error{service.error().code,
                     describe(listener.handler_origin, service.error().message)};
      part.service = std::move(*service);
    }
    part.goes_on = same != nullptr;
    if (!part.goes_on) {
      Result<std::unique_ptr<Backend>> backend =
          make_backend_(listener.backend, part.backend_options);
      if (!backend) return backend.error();
      part.backend = std::move(*backend);
    }
    generation_.parts.push_back(std::move(part));
    return {};
  }

  const Config& config_;
  const Loader& loader_;
  const Predecessor& present_;
  const MakeBackend& make_backend_;
  Generation generation_;
};

}  // namespace

Result<Generation> prepare_generation(const Config& config, const Loader& loader,
                                      const Predecessor& present, const MakeBackend& make_backend) {
  return Preparation(config, loader, present, make_backend).run();
}

}  // namespace asyncd
