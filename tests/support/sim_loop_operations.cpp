// What a SimLoop offers to the operations of its handlers' calls: a time at which they run, a turn
// for the session of a call that has moved, and other threads, which post tickets.
#include <algorithm>

#include "tests/support/failing_new.h"
#include "tests/support/sim_loop.h"

namespace asyncd::test {

// The time before is forgotten, as a loop with one timer for them forgets it.
void SimLoop::run_operations_at(Instant when) noexcept {
  operations_at_ = delayed(std::max(when, now_));
}

void SimLoop::wake() noexcept { woken_at_ = std::min(woken_at_, delayed()); }

// Connections to other servers need sockets; there are none here.
std::unique_ptr<Watch> SimLoop::watch(Socket, Watcher&) { return nullptr; }

bool SimLoop::run_operations() {
  if (operations_due() > now_) return false;
  operations_at_ = woken_at_ = never;
  failed_ = allocation_failed();
  const CountAllocations on(true);
  waits_.run();
  return true;
}

void SimLoop::resume(void* driver) {
  const CountAllocations own(false);
  Connection* known = nullptr;
  connections_.for_each([&](Connection& one) { known = &one == driver ? &one : known; });
  if (known == nullptr) {
    if (complaint_.empty()) complaint_ = "a call has outlived its connection";
    return;
  }
  if (hook_began_ != now_) complain(*known, "a hook began at another time");
  note_fault(*known);  // in the hook
  pump(*known);
}

// The first post of a ticket that is open counts; whatever comes later is refused.
void SimLoop::post_tickets() {
  std::erase_if(posts_, [this](const Post& post) {
    if (post.at > now_) return false;
    Tickets::all().post(post.ticket);
    if (Tickets::all().post(post.ticket) == 0 && complaint_.empty())
      complaint_ = "a ticket was posted twice";
    return true;
  });
}

void SimLoop::note_calls(Connection& connection) {
  std::vector<Stretch>& stretches = connection.channel().peer->in_calls;
  const bool waiting = !stretches.empty() && stretches.back().to == never;
  if (connection.session().has_calls() == waiting) return;
  if (waiting)
    stretches.back().to = now_;
  else
    stretches.push_back({now_});
}

void SimLoop::note_fault(Connection& connection) {
  if (allocation_failed() == failed_) return;
  connection.channel().peer->faulted = failed_ = true;
}

}  // namespace asyncd::test
