#include "tests/support/sim_rules.h"

#include <algorithm>
#include <string>

#include "core/base/deadline_wheel.h"
#include "tests/support/failing_new.h"

namespace asyncd::test {

namespace {

constexpr std::uint64_t most_requests = 100'000;

}  // namespace

void SimRules::begin_pump() {
  failed_ = allocation_failed();
  requests_ = 0;
}

void SimRules::begin_operations() { failed_ = allocation_failed(); }

void SimRules::note_fault(SimPeer& peer) {
  if (allocation_failed() == failed_) return;
  peer.faulted = true;
  failed_ = true;
}

void SimRules::check_request(const Subject& subject, bool pending, std::string_view what) {
  note_reason(subject);
  if (++requests_ > most_requests) throw Endless();
  if (pending) complain(subject, std::string(what) + " while an operation is pending");
  if (subject.session.finished()) complain(subject, std::string(what) + " after the end");
}

void SimRules::check_close(const Subject& subject) {
  if (subject.peer.closed_at != never) complain(subject, "a second close");
  if (!subject.session.finished()) complain(subject, "close before the session has finished");
  note_reason(subject);
}

void SimRules::check_turn(const Subject& subject) {
  note_reason(subject);
  note_calls(subject);
  if (!subject.idle && subject.session.deadline() <= world_.now)
    complain(subject, "a deadline is over, and nothing happened");
}

void SimRules::check_deadline(const Subject& subject) {
  if (!subject.idle && after(subject.session.deadline(), DeadlineWheel::tick) < world_.now)
    complain(subject, "a deadline was missed");
}

void SimRules::check_end(const Subject& subject) {
  const StagedSession& session = subject.session;
  const SimPeer& peer = subject.peer;
  if (session.reason() != peer.reason ||
      session.counters().bytes_received != peer.counters.bytes_received ||
      session.counters().messages_received != peer.counters.messages_received)
    complain(subject, "something was received after the end");
}

void SimRules::complain(const Subject& subject, std::string_view what) {
  world_.complain("connection " + std::to_string(subject.id) + ": " + std::string(what));
}

void SimRules::note_reason(const Subject& subject) {
  if (subject.session.reason() != CloseReason::none)
    subject.peer.closing_since = std::min(subject.peer.closing_since, world_.now);
}

void SimRules::note_calls(const Subject& subject) {
  std::vector<Stretch>& stretches = subject.peer.in_calls;
  const bool waiting = !stretches.empty() && stretches.back().to == never;
  if (subject.session.has_calls() == waiting) return;
  if (waiting)
    stretches.back().to = world_.now;
  else
    stretches.push_back({world_.now});
}

}  // namespace asyncd::test
