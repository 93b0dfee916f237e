// Who a connection is, for log lines and counters. Set once at accept, immutable afterwards; owned
// by the NewConnection, then by the driver.
#pragma once

#include <cstdint>

#include "core/net/peer.h"

namespace asyncd {

class Listener;

struct ConnectionInfo {
  std::uint64_t id = 0;  // counts up over the whole process
  Peer peer;
  Listener* listener = nullptr;  // null: of a conversation without a network
  bool counted = false;          // among those of its address
};

}  // namespace asyncd
