// PeerCounts: how many connections each address has; an IPv6 client is its /64, because it may use
// all of that. Clients of a unix socket have no address and are not counted. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/net/peer.h"

namespace asyncd {

class PeerCounts {
 public:
  // False: the address has `most` already. True has to be followed by leave. Memory that cannot be
  // had is std::bad_alloc.
  bool enter(const Peer& peer, std::uint64_t most);
  void leave(const Peer& peer);

 private:
  using Key = std::array<std::uint8_t, 9>;
  static Key key_of(const Peer& peer);

  std::mutex mutex_;
  std::map<Key, std::uint64_t> counts_;
};

}  // namespace asyncd
