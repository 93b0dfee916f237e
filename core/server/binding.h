// Which sockets of the present listeners the next ones get, and which they open for themselves. A
// socket keeps its queue of clients, whichever listener accepts them; nothing of this changes what
// serves now. One thread.
#pragma once

#include <string>
#include <vector>

#include "core/server/generation.h"

namespace asyncd {

// One that accepts no new clients, but has clients waiting.
struct LeavingListener {
  std::string name;
  std::vector<ListenSockets::Place> places;
};

// All mistakes are reported, not the first.
Result<void> bind_generation(Generation& generation, const std::vector<Served>& served,
                             std::vector<LeavingListener> leaving);

}  // namespace asyncd
