// The handler's own framing, by its frame hook: it finds the messages, and its replies go out as
// they are.
#pragma once

#include "core/session/framer.h"
#include "sdk/asyncd.h"

namespace asyncd {

class PluginFramer final : public Framer {
 public:
  PluginFramer(const asyncd_handler& hooks, void* self, std::uint64_t max_message);
  Frame next(std::string_view received, std::size_t scanned, bool ended) const override;

 private:
  const asyncd_handler& hooks_;
  void* self_;
  std::uint64_t max_message_;
  std::size_t most_bytes_;  // of a frame: its message and what is around it
};

}  // namespace asyncd
