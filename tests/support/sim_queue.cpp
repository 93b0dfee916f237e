#include "tests/support/sim_queue.h"

#include <utility>

namespace asyncd::test {

void SimQueue::arrive() {
  for (std::size_t i = 0; i < coming_.size();) {
    SimPeer& peer = *coming_[i];
    if (peer.arrives() > world_.now) {
      ++i;
      continue;
    }
    coming_.erase(coming_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!listening_) {
      peer.wire().abort(world_.now);
      continue;
    }
    waiting_.push_back(&peer);
    if (waiting_.size() == 1) accept_at_ = world_.delayed();
  }
}

void SimQueue::stop_listening() {
  listening_ = false;
  for (SimPeer* peer : waiting_) peer->wire().abort(world_.now);
  waiting_.clear();
}

SimPeer* SimQueue::next_client() {
  if (next_accept() > world_.now) return nullptr;
  SimPeer* const peer = waiting_.front();
  waiting_.erase(waiting_.begin());
  return peer;
}

void SimQueue::accept(SimPeer& peer, NewConnection connection) {
  const bool elsewhere = world_.style.kind == SimKind::completions;
  accepted_.push_back({&peer, std::move(connection), elsewhere ? world_.delayed() : world_.now});
  accept_at_ = world_.delayed();
}

std::optional<SimQueue::Accepted> SimQueue::take_adopted() {
  const auto due = std::find_if(accepted_.begin(), accepted_.end(), [this](const Accepted& one) {
    return one.adopted_at <= world_.now;
  });
  if (due == accepted_.end()) return std::nullopt;
  std::optional<Accepted> next(std::move(*due));
  accepted_.erase(due);
  return next;
}

Instant SimQueue::next_arrival() const {
  Instant next = never;
  for (const SimPeer* peer : coming_) next = std::min(next, peer->arrives());
  return next;
}

Instant SimQueue::next_adopted() const {
  Instant next = never;
  for (const Accepted& one : accepted_) next = std::min(next, one.adopted_at);
  return next;
}

}  // namespace asyncd::test
