// The times of a Session: how long it waits for what, and what happens when that is over.
//
// Output moves when the client takes it, not when the system takes it from us: the system has room
// for a while, and then none until the client has taken much. So before a time is over for want of
// movement, the session asks to be told what the client has taken (wants_taken, on_taken); while
// output is stuck, every tenth of write_timeout. Nothing of that is done as long as output goes out
// at once, or the client has more to say.
#include <algorithm>

#include "core/session/session.h"

namespace asyncd {

namespace {

// How long a client that says nothing may hold up the end of the process, once it has all its
// replies.
constexpr Duration drain_linger = std::chrono::milliseconds(500);

constexpr int looks = 10;  // while write_timeout runs, so it is over a tenth too late at most

// A rate is judged over so long, and no less than such a piece takes at that rate: systems move
// much at a time.
constexpr Duration rate_grace = std::chrono::seconds(5);
constexpr std::uint64_t rate_piece = 64 << 10;
constexpr Duration rate_look = std::chrono::seconds(1);

Duration time_of(std::uint64_t bytes, std::uint64_t bytes_a_second) {
  constexpr std::uint64_t most = 1'000'000'000;  // seconds
  const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_a_second);
  return seconds >= most
             ? unlimited_time
             : std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

// Notes what this turn has moved. Cheap: at most two stores, and none of them touches a timer.
void Session::keep_time(Instant now, bool served) {
  if (began_output_) note_output_begin(now);
  if (state_ == State::lingering) {
    if (got_input_) waiting_since_ = now;
  } else {
    const Waiting waiting = !rest_.empty()                  ? Waiting::message
                            : counters_.bytes_received != 0 ? Waiting::idle
                                                            : Waiting::first_byte;
    // A message's time runs from its first byte, whatever arrives later; while we do not read, it
    // does not run at all, and calls that have just ended have held it up to now.
    if (served || waiting != waiting_ || paused_ || held_back_ || busy_ || has_calls() ||
        (got_input_ && waiting == Waiting::idle))
      waiting_since_ = now;
    waiting_ = waiting;
  }
  got_input_ = began_output_ = false;
}

Instant Session::deadline() const {
  const Limits& limits = service_.limits;
  const Instant write = owes() ? output_deadline() : never;
  switch (state_) {
    case State::open:
      if (has_calls()) return std::min(write, call_deadline());
      if (ended_ || paused_ || held_back_) return write;
      if (waiting_ == Waiting::message) return std::min(write, message_deadline());
      if (draining_) return looked_ ? write : std::min(write, drain_end_);
      if (owes()) return write;
      return after(waiting_since_,
                   waiting_ == Waiting::idle ? limits.idle_timeout : limits.first_byte_timeout);
    case State::flushing:
      return write;
    case State::lingering:
      return still_taking_ ? write : quiet_deadline();
    case State::finished:
      break;
  }
  return never;
}

Session::Wait Session::waits_for() const {
  const Limits& limits = service_.limits;
  const Wait write{"write", limits.write_timeout};
  switch (state_) {
    case State::open:
      if (has_calls()) return {"call", limits.call_timeout};
      if (ended_ || paused_ || held_back_) return write;
      if (waiting_ == Waiting::message) return {"message", limits.message_timeout};
      if (draining_ && !looked_) return {"drain", {}};
      if (owes()) return write;
      if (waiting_ == Waiting::idle) return {"idle", limits.idle_timeout};
      return {"first_byte", limits.first_byte_timeout};
    case State::flushing:
      return write;
    case State::lingering:
      return still_taking_ ? write : Wait{"linger", linger_idle()};
    case State::finished:
      break;
  }
  return {};
}

// Of the client, once all is sent.
Duration Session::linger_idle() const {
  const Duration usual = service_.limits.linger_idle_timeout;
  return draining_ ? std::min(usual, drain_linger) : usual;
}

// The end of lingering.
Instant Session::quiet_deadline() const {
  return std::min(after(waiting_since_, linger_idle()),
                  after(writing_since_, service_.limits.linger_timeout));
}

Instant Session::message_deadline() const {
  const Limits& limits = service_.limits;
  const Instant all = after(waiting_since_, limits.message_timeout);
  if (limits.min_receive_rate == 0) return all;
  return std::min(all, after(waiting_since_,
                             std::max(rate_grace, time_of(rest_.size(), limits.min_receive_rate))));
}

// When to look at it, or to give it up.
Instant Session::output_deadline() const {
  const Limits& limits = service_.limits;
  if (too_slow_) return looked_at_;
  Instant look = never;
  if (counters_.bytes_sent != taken_)
    look = after(std::max(look_after_, writing_since_), limits.write_timeout / looks);
  if (limits.min_send_rate != 0 && has_output())
    look = std::min(look, after(std::max(looked_at_, rate_since_), rate_look));
  return std::min(after(writing_since_, limits.write_timeout), look);
}

void Session::note_output_begin(Instant now) {
  writing_since_ = rate_since_ = now;
  too_slow_ = knows_rate_taken_ = false;
}

void Session::expire(Instant now) {
  if (now < deadline()) return;
  if (must_look(now)) {
    wants_taken_ = true;
    return;
  }
  if (owes()) {
    expire_output(now);
    if (now < deadline()) return;
  }
  if (state_ == State::lingering) return finish(reason_);
  if (has_calls()) return expire_calls(now);
  if (state_ == State::open && !(draining_ && waiting_ != Waiting::message)) expire_input(now);
}

// What a time has struck for, unless the client has taken something meanwhile.
bool Session::must_look(Instant now) const {
  if (looked_at_ == now) return false;
  if (has_output() && service_.limits.min_send_rate != 0) return true;
  if (counters_.bytes_sent == taken_) return false;
  const bool is_idle = state_ == State::open && waiting_ == Waiting::idle && !has_calls();
  return owes() || state_ == State::lingering || is_idle;
}

// What is unsent is lost. What only the system has is its own, and arrives though we go.
void Session::expire_output(Instant now) {
  const CloseReason late = late_output(now);
  if (late == CloseReason::none) return;
  if (has_output()) return finish(late);
  if (state_ == State::lingering) return finish(reason_);
  still_taking_ = false;
}

void Session::expire_input(Instant now) {
  switch (waiting_) {
    case Waiting::first_byte:
      return close(CloseReason::first_byte_timeout);
    case Waiting::idle:
      return close(CloseReason::idle_timeout);
    case Waiting::message:
      if (now >= after(waiting_since_, service_.limits.message_timeout))
        return close(CloseReason::message_timeout);
      // Where this thread looks late, more has come than it has read.
      if (const Duration late = now - message_deadline(); late > rate_look) {
        waiting_since_ += late;
        return;
      }
      return close(CloseReason::receive_rate);
  }
}

void Session::on_taken(const Taken& taken, Instant now) {
  wants_taken_ = false;
  note_taken(taken, now);
  expire(now);
  settle();
}

void Session::note_taken(const Taken& taken, Instant now) {
  const bool moved = taken.bytes > taken_;
  // A look that comes late tells nothing of the client's rate: something else has held up this
  // thread.
  if (now - looked_at_ > 2 * rate_look) knows_rate_taken_ = false;
  looked_at_ = look_after_ = now;
  taken_ = std::min(std::max(taken_, taken.bytes), counters_.bytes_sent);
  if (has_output()) {
    if (moved) writing_since_ = now;
    if (moved && waiting_ == Waiting::idle) waiting_since_ = std::max(waiting_since_, now);
    judge_rate(now);
    return;
  }
  const bool still = state_ == State::lingering ? taken.held : taken_ != counters_.bytes_sent;
  if (still ? moved || !still_taking_ : still_taking_) writing_since_ = now;
  if (!still && still_taking_ && (state_ == State::lingering || waiting_ == Waiting::idle))
    waiting_since_ = now;
  still_taking_ = still;
}

void Session::judge_rate(Instant now) {
  const std::uint64_t rate = service_.limits.min_send_rate;
  if (rate == 0) return;
  const Duration passed = now - rate_since_;
  if (knows_rate_taken_) {
    if (passed < std::max(rate_grace, time_of(rate_piece, rate))) return;
    too_slow_ = time_of(taken_ - rate_taken_, rate) < passed;
  }
  knows_rate_taken_ = true;
  rate_since_ = now;
  rate_taken_ = taken_;
}

CloseReason Session::late_output(Instant now) const {
  if (now >= after(writing_since_, service_.limits.write_timeout))
    return CloseReason::write_timeout;
  return too_slow_ ? CloseReason::send_rate : CloseReason::none;
}

void Session::on_sending(Instant now) {
  if (began_output_) note_output_begin(now);
  began_output_ = false;
}

CloseReason Session::judge_output(const Taken& taken, Instant now) {
  note_taken(taken, now);
  return late_output(now);
}

}  // namespace asyncd
