// SimQueue: the clients on their way to a SimLoop: in the network, in the system's queue, and
// accepted but not yet on their loop. Owned by the loop; one thread.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "core/accept/listener.h"
#include "tests/support/sim_peer.h"
#include "tests/support/sim_world.h"

namespace asyncd::test {

class SimQueue {
 public:
  struct Accepted {
    SimPeer* peer;
    NewConnection connection;
    Instant adopted_at;
  };

  explicit SimQueue(SimWorld& world) : world_(world) {}

  void add(SimPeer& peer) { coming_.push_back(&peer); }
  // Into the system's queue; a client is refused once the loop has stopped listening.
  void arrive();
  void stop_listening();

  // The first client, once its time has come; null: none.
  SimPeer* next_client();
  void hurry() { accept_at_ = std::min(accept_at_, world_.now); }  // a drain waits for no client
  void accept(SimPeer& peer, NewConnection connection);
  // On its loop, which need not be the one that has accepted it, nor that of the one before.
  std::optional<Accepted> take_adopted();

  bool empty() const { return waiting_.empty(); }
  bool none_accepted() const { return accepted_.empty(); }
  bool none_left() const { return waiting_.empty() && coming_.empty(); }

  Instant next_arrival() const;
  Instant next_accept() const { return waiting_.empty() ? never : accept_at_; }
  Instant next_adopted() const;

 private:
  SimWorld& world_;
  std::vector<SimPeer*> coming_;
  std::vector<SimPeer*> waiting_;
  std::vector<Accepted> accepted_;
  bool listening_ = true;
  Instant accept_at_ = never;
};

}  // namespace asyncd::test
