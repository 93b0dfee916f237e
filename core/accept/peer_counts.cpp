#include "core/accept/peer_counts.h"

#include <algorithm>

namespace asyncd {

bool PeerCounts::enter(const Peer& peer, std::uint64_t most) {
  const std::lock_guard lock(mutex_);
  std::uint64_t& count = counts_[key_of(peer)];
  if (count >= most) return false;
  ++count;
  return true;
}

void PeerCounts::leave(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key_of(peer));
  if (--found->second == 0) counts_.erase(found);
}

PeerCounts::Key PeerCounts::key_of(const Peer& peer) {
  Key key{};
  key.front() = static_cast<std::uint8_t>(peer.family);
  const std::size_t size = peer.family == Peer::Family::ipv6 ? 8 : 4;
  std::copy_n(peer.bytes.begin(), size, key.begin() + 1);
  return key;
}

}  // namespace asyncd
