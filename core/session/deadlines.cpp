// The times of a Session: how long it waits for what, and what happens when that is over.
#include <algorithm>

#include "core/session/session.h"

namespace asyncd {

namespace {

// How long a client that says nothing may hold up the end of the process, once it has all its replies.
constexpr Duration drain_linger = std::chrono::milliseconds(500);

}  // namespace

// Notes what this turn has moved. Cheap: at most two stores, and none of them touches a timer.
void Session::keep_time(Instant now, bool served) {
  if (began_output_) writing_since_ = now;
  if (state_ == State::lingering) {
    if (got_input_) waiting_since_ = now;
  } else {
    const Waiting waiting = !rest_.empty()                  ? Waiting::message
                            : counters_.bytes_received != 0 ? Waiting::idle
                                                            : Waiting::first_byte;
    // A message's time runs from its first byte, whatever arrives later; while we do not read, it does not run at all,
    // and calls that have just ended have held it up to now.
    if (served || waiting != waiting_ || paused_ || held_back_ || busy_ || has_calls() ||
        (got_input_ && waiting == Waiting::idle))
      waiting_since_ = now;
    waiting_ = waiting;
  }
  got_input_ = began_output_ = false;
}

Instant Session::deadline() const {
  const Limits& limits = service_.limits;
  const Instant write = has_output() ? after(writing_since_, limits.write_timeout) : never;
  switch (state_) {
    case State::open: {
      if (has_calls()) return std::min(write, call_deadline());
      if (ended_ || paused_ || held_back_) return write;
      if (waiting_ == Waiting::message) return std::min(write, after(waiting_since_, limits.message_timeout));
      if (draining_) return looked_ ? write : std::min(write, drain_end_);
      if (has_output()) return write;
      return after(waiting_since_, waiting_ == Waiting::idle ? limits.idle_timeout : limits.first_byte_timeout);
    }
    case State::flushing:
      return write;
    case State::lingering: {
      const Duration idle = draining_ ? std::min(limits.linger_idle_timeout, drain_linger) : limits.linger_idle_timeout;
      return std::min(after(waiting_since_, idle), after(writing_since_, limits.linger_timeout));
    }
    case State::finished:
      break;
  }
  return never;
}

void Session::expire(Instant now) {
  if (now < deadline()) return;
  if (state_ == State::lingering) return finish(reason_);
  if (has_output() && now >= after(writing_since_, service_.limits.write_timeout))
    return finish(CloseReason::write_timeout);
  if (has_calls()) return expire_calls(now);
  if (state_ != State::open || (draining_ && waiting_ != Waiting::message)) return;
  switch (waiting_) {
    case Waiting::first_byte:
      return close(CloseReason::first_byte_timeout);
    case Waiting::idle:
      return close(CloseReason::idle_timeout);
    case Waiting::message:
      return close(CloseReason::message_timeout);
  }
}

}  // namespace asyncd
