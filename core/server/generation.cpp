#include "core/server/generation.h"

#include <atomic>

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

}  // namespace asyncd
