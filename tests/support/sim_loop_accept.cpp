// How connections come to a SimLoop, and how it learns that they shall end: the system's queue,
// accepting, adopting, services that are replaced, the drain and the stop.
#include <algorithm>
#include <new>

#include "tests/support/failing_new.h"
#include "tests/support/sim_loop.h"

namespace asyncd::test {

// What the latch of a real loop would say to one that looks.
Latch::Phase SimLoop::phase() const {
  if (after(stop_at_, notice_) <= now_) return Latch::Phase::stopping;
  return after(drain_at_, notice_) <= now_ ? Latch::Phase::draining : Latch::Phase::serving;
}

// Into the system's queue; clients are refused once the loop has stopped listening.
void SimLoop::arrive() {
  for (std::size_t i = 0; i < coming_.size();) {
    SimPeer& peer = *coming_[i];
    if (peer.arrives() > now_) {
      ++i;
      continue;
    }
    coming_.erase(coming_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!listening_)
      peer.wire().abort(now_);
    else if (queue_.push_back(&peer); queue_.size() == 1)
      accept_at_ = delayed();
  }
}

// One that blocks takes the next client in when the last one has gone.
bool SimLoop::free_to_accept() const {
  return style_.kind != Kind::blocking || (connections_.size() == 0 && accepted_.empty());
}

// One in each turn, so that the others have theirs in between. A drain waits for no client.
void SimLoop::accept() {
  if (phase() == Latch::Phase::stopping) return stop_listening();
  const bool draining = phase() == Latch::Phase::draining;
  if (draining) accept_at_ = std::min(accept_at_, now_);
  if (!queue_.empty() && free_to_accept() && accept_at_ <= now_) {
    SimPeer& peer = *queue_.front();
    queue_.erase(queue_.begin());
    stats_.on_accepted();
    peer.service = service_count_ - 1;
    NewConnection connection;
    connection.info.id = stats_.snapshot().accepted;
    connection.service = services_.get();
    accepted_.push_back(
        {&peer, std::move(connection), style_.kind == Kind::completions ? delayed() : now_});
    accept_at_ = delayed();
  }
  if (draining && queue_.empty()) stop_listening();
}

void SimLoop::stop_listening() {
  listening_ = false;
  for (SimPeer* peer : queue_) peer->wire().abort(now_);
  queue_.clear();
}

// On its loop, which need not be the one that has accepted it, nor that of the one before.
void SimLoop::adopt() {
  for (;;) {
    const auto due = std::find_if(accepted_.begin(), accepted_.end(),
                                  [this](const Accepted& one) { return one.adopted_at <= now_; });
    if (due == accepted_.end()) return;
    Accepted next = std::move(*due);
    accepted_.erase(due);
    adopt(std::move(next));
  }
}

void SimLoop::adopt(Accepted accepted) {
  if (phase() == Latch::Phase::stopping) return reject(*accepted.peer, RejectReason::stopping);
  opening_ = {accepted.peer, connections_.next()};
  Connection* made = make(std::move(accepted));
  if (made == nullptr) return;
  opening_.peer->began_at = now_;
  obey(*made);
  pump(*made);
}

// Null, and the client rejected, where the handler has no worker here, or memory is short.
SimLoop::Connection* SimLoop::make(Accepted accepted) {
  const CountAllocations on(true);
  Workers::Place place = workers_.enter(accepted.connection.service);
  if (!place.ok()) {
    reject(*accepted.peer, place.why());
    return nullptr;
  }
  try {
    need_memory();
    return &connections_.make(*this, std::move(accepted.connection), std::move(place), pool_);
  } catch (const std::bad_alloc&) {
    reject(*accepted.peer, RejectReason::no_memory);
    return nullptr;
  }
}

void SimLoop::reject(SimPeer& peer, RejectReason reason) {
  const CountAllocations own(false);
  peer.wire().close(now_);
  peer.closed_at = now_;
  peer.rejected = true;
  stats_.on_rejected(reason);
}

void SimLoop::replace() {
  while (!changes_.empty() && changes_.front().at <= now_) {
    Change change = std::move(changes_.front());
    changes_.erase(changes_.begin());
    const std::shared_ptr<const Service> before = services_.get();
    services_.put(std::move(change.service));
    ++service_count_;
    if (change.retires) services_.retire(*before);
    const bool blocks = style_.kind == Kind::blocking;
    if (refresh_at_ == never) refresh_at_ = blocks ? now_ + random_.time_up_to(slice) : delayed();
  }
}

// One that blocks tells its connection after a slice of waiting, and looks after its workers in
// between two.
void SimLoop::refresh() {
  if (refresh_at_ <= now_) {
    refresh_at_ = never;
    wants_refresh_ = true;
    tell_all();
  }
  if (!wants_refresh_ || !free_to_accept()) return;
  wants_refresh_ = false;
  const CountAllocations on(true);
  workers_.refresh();
}

void SimLoop::obey() {
  if (phase() == obeyed_) return;
  obeyed_ = phase();
  tell_all();
}

void SimLoop::tell_all() {
  connections_.for_each([this](Connection& connection) {
    if (obey(connection)) pump(connection);
  });
}

// True: the session has something new to think about.
bool SimLoop::obey(Connection& connection) {
  if (connection.closed()) return false;
  if (phase() == Latch::Phase::stopping) {
    connection.fail(CloseReason::stopped);
    return true;
  }
  const bool draining = phase() == Latch::Phase::draining;
  if (connection.session().draining() || !(draining || services_.has_retired(connection.service())))
    return false;
  connection.on_drain(draining ? drain_at_ : now_);
  return true;
}

}  // namespace asyncd::test
