#include "core/session/framer.h"

#include "core/session/framers/fixed.h"
#include "core/session/framers/length.h"
#include "core/session/framers/line.h"
#include "core/session/framers/plugin.h"
#include "core/session/framers/raw.h"

namespace asyncd {

std::unique_ptr<const Framer> make_framer(const Framing& framing, std::uint64_t max_message,
                                          const asyncd_handler& hooks, void* self) {
  switch (framing.kind) {
    case FramingKind::line:
      return std::make_unique<LineFramer>(max_message);
    case FramingKind::raw:
      return std::make_unique<RawFramer>(max_message);
    case FramingKind::fixed:
      return std::make_unique<FixedFramer>(framing.message_size);
    case FramingKind::length:
      return std::make_unique<LengthFramer>(framing.prefix_size, framing.prefix_order, max_message);
    case FramingKind::handler:
      return std::make_unique<PluginFramer>(hooks, self, max_message);
  }
  return nullptr;
}

}  // namespace asyncd
