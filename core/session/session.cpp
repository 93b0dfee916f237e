#include "core/session/session.h"

#include <algorithm>
#include <string>

#include "core/session/frame_error.h"
#include "core/session/observer.h"
#include "core/session/reply_parts.h"

namespace asyncd {

Session::Session(const Service& service, BufferPool& pool, void* worker, const ConnectionInfo& info,
                 Instant now, const CallOwner& owner, HookMark* mark)
    : service_(service),
      input_(pool),
      output_(pool, service, counters_),
      calls_(service, output_, worker, info, owner, mark),
      sending_(service.limits, now),
      receiving_(service.limits, now),
      now_(now) {
  if (!calls_.is_open()) close(CloseReason::handler_failed);
}

// What happened.

void Session::on_bytes(std::string_view bytes) {
  input_.lend(bytes);
  counters_.bytes_received += bytes.size();
}

void Session::keep_input() {
  if (ending_.is_open())
    input_.keep();
  else
    input_.discard();
}

void Session::on_sent(std::size_t bytes, Instant now) {
  sending_.on_sent(now);
  if (bytes == 0) return;
  output_.on_sent(bytes);
  if (receiving_.is_idle()) receiving_.postpone(now);
}

// The end of a client that has never spoken is not waited for.
void Session::on_shutdown(Instant now) {
  ending_.on(Ending::Event::output_shut);
  receiving_.restart(now);
  sending_.on_shut(now);
  if (drain_.begun() && counters_.bytes_sent == 0 && counters_.bytes_received == 0)
    ending_.on(Ending::Event::linger_over);
}

bool Session::wants_input() const {
  if (input_.ended() || ending_.is_finished()) return false;
  if (!ending_.is_open()) return true;
  // While messages wait for calls, input is taken all the same, as long as it is little: it tells
  // that the client has gone.
  const std::uint64_t enough = service_.framer->goes_by_reads() ? 0 : service_.limits.max_message;
  const bool holds_input = calls_.queue().holds_messages() && input_.kept() > enough;
  return !(output_.paused() || held_back_ || busy_ || holds_input);
}

bool Session::needs_turn() const {
  const CallQueue& queue = calls_.queue();
  const bool call_waits_for_output =
      !queue.empty() && (queue.first()->flush != nullptr || queue.first_ended() != nullptr);
  return !ending_.is_open() || output_.paused() || held_back_ || !output_.empty() ||
         call_waits_for_output;
}

// A turn.

bool Session::run(Instant now) {
  now_ = now;
  const std::uint64_t messages_before = counters_.messages_received;
  const bool had_calls = has_calls();
  busy_ = false;
  if (must_end_for_memory_) end_for_memory();
  if (had_calls) deliver_calls();
  if (ending_.is_open()) {
    serve();
  } else {
    input_.discard();  // no message of it will be answered
    if (!calls_.is_open() && ending_.state() == Ending::State::flushing &&
        counters_.errors_sent == 0)
      output_.write_error("handler failed");
  }
  held_back_ = holds_too_much();
  keep_time(now_, had_calls || counters_.messages_received != messages_before);
  expire(now_);
  settle();
  return busy_ && ending_.is_open();
}

// Handles what has been received, as far as the turn's bounds allow, and keeps the remainder.
void Session::serve() {
  if (!output_.resume()) return input_.keep();
  calls_.queue().hold_messages(false);
  input_.begin_turn();
  for (std::size_t served = 0; input_.has_unparsed(); ++served) {
    if (output_.is_full()) {
      output_.pause();
      break;
    }
    if (served == turn_messages || input_.parsed() >= turn_bytes) {
      busy_ = true;
      break;
    }
    if (!may_begin_call() || !take_message() || !ending_.is_open()) break;
  }
  if (ending_.is_open())
    input_.end_turn();
  else
    input_.discard();
  output_.release_empty();
}

// An asynchronous handler's next message may have to wait for those before it.
bool Session::may_begin_call() {
  if (!service_.asynchronous()) return true;
  CallQueue& queue = calls_.queue();
  queue.hold_messages(has_all_messages() || queue.is_full());
  return !queue.holds_messages();
}

// Hands the first message to the handler; false when there is none yet, or none to come.
bool Session::take_message() {
  const Frame frame = input_.next(*service_.framer);
  if (frame.status == Frame::Status::complete) {
    call_handler(frame.message);
    return true;
  }
  if (frame.status == Frame::Status::need_more) return false;
  if (has_calls()) {
    calls_.queue().hold_messages(true);  // what came before is answered first
    return false;
  }
  output_.write_error(explain(frame, input_.unparsed(), service_.limits.max_message));
  close(reason_of(frame.status));
  return false;
}

void Session::call_handler(std::string_view message) {
  ++counters_.messages_received;
  if (observer_ != nullptr) [[unlikely]]
    observer_->on_message(message.size());
  if (calls_.defers()) {
    calls_.begin(message, *this, now_);
    return deliver_calls();
  }
  bool streamed = false;
  const CallEffect effect = calls_.call(message, *this, now_, streamed);
  if (streamed) sending_.restart(now_);
  apply(effect);
  if (observer_ != nullptr) [[unlikely]]
    observer_->on_answered();
  if (ending_.is_open() && !service_.asynchronous() && has_all_messages())
    close(CloseReason::message_limit);
}

// Answers the calls at the front that have ended. Once the connection ends, they are only removed.
void Session::deliver_calls() {
  CallQueue& queue = calls_.queue();
  if (ending_.is_open()) continue_flush(output_, queue);
  while (ending_.is_open() && !output_.is_full() && queue.first_ended() != nullptr) {
    apply(calls_.deliver_first());
    if (ending_.is_open()) continue_flush(output_, queue);
  }
  if (!ending_.is_open()) queue.remove_ended();
}

void Session::apply(const CallEffect& effect) {
  switch (effect.then) {
    case CallEffect::Then::go_on:
      return;
    case CallEffect::Then::close:
      return close(effect.reason);
    case CallEffect::Then::close_for_memory:
      return refuse_memory(held());
    case CallEffect::Then::break_off:
      ending_.mark_cut_off();
      return cut(effect.reason);
    case CallEffect::Then::cut:
      return cut(effect.reason);
  }
}

// Time.

// Notes what this turn has moved. Cheap: a few stores, and none of them touches a timer. While the
// session does not read, the client's time does not run, and calls that have just ended have held
// it up to now.
void Session::keep_time(Instant now, bool served) {
  if (output_.take_begun()) sending_.begin(now);
  const bool arrived = input_.take_arrived();
  if (ending_.state() == Ending::State::lingering) {
    if (arrived) receiving_.restart(now);
    return;
  }
  auto wait = ReceiveTimer::Wait::first_byte;
  if (input_.has_kept())
    wait = ReceiveTimer::Wait::message;
  else if (counters_.bytes_received != 0)
    wait = ReceiveTimer::Wait::idle;
  const bool holds_up = output_.paused() || held_back_ || busy_ || has_calls();
  receiving_.after_turn(wait, served || holds_up || (arrived && wait == ReceiveTimer::Wait::idle),
                        now);
}

SendTimer::Sent Session::sent() const {
  return {.bytes = counters_.bytes_sent,
          .has_unsent = !output_.empty(),
          .is_last = ending_.state() == Ending::State::lingering};
}

Session::Waits Session::waits() const {
  switch (ending_.state()) {
    case Ending::State::open:
      if (has_calls()) return Waits::for_call;
      if (input_.ended() || output_.paused() || held_back_) return Waits::for_output;
      if (receiving_.is_within_message()) return Waits::for_message;
      if (drain_.begun()) return drain_.looked() && owes() ? Waits::for_output : Waits::for_drain;
      return owes() ? Waits::for_output : Waits::for_input;
    case Ending::State::flushing:
      return Waits::for_output;
    case Ending::State::lingering:
      return sending_.still_taking() ? Waits::for_output : Waits::for_client_end;
    case Ending::State::finished:
      break;
  }
  return Waits::for_nothing;
}

Instant Session::deadline() const {
  const Instant send = owes() ? sending_.deadline(sent()) : never;
  switch (waits()) {
    case Waits::for_call:
      return std::min(send, calls_.queue().deadline());
    case Waits::for_output:
      return send;
    case Waits::for_message:
    case Waits::for_input:
      return std::min(send, receiving_.deadline(input_.kept()));
    case Waits::for_drain:
      return std::min(send, drain_.look_at());
    case Waits::for_client_end:
      return linger_deadline();
    case Waits::for_nothing:
      break;
  }
  return never;
}

Session::Wait Session::waits_for() const {
  switch (waits()) {
    case Waits::for_call:
      return {"call", service_.limits.call_timeout};
    case Waits::for_output:
      return {"write", service_.limits.write_timeout};
    case Waits::for_message:
      return {"message", receiving_.limit()};
    case Waits::for_input:
      return {receiving_.is_idle() ? "idle" : "first_byte", receiving_.limit()};
    case Waits::for_drain:
      return {"drain", {}};
    case Waits::for_client_end:
      return {"linger", linger_idle()};
    case Waits::for_nothing:
      break;
  }
  return {};
}

Instant Session::linger_deadline() const {
  return std::min(receiving_.linger_deadline(linger_idle()), sending_.linger_deadline());
}

// Of the client, once all is sent.
Duration Session::linger_idle() const {
  return drain_.linger_limit(service_.limits.linger_idle_timeout);
}

void Session::expire(Instant now) {
  if (now < deadline()) return;
  if (must_ask_what_is_taken(now)) {
    wants_taken_ = true;
    return;
  }
  if (owes()) {
    expire_output(now);
    if (now < deadline()) return;
  }
  if (ending_.state() == Ending::State::lingering) return ending_.on(Ending::Event::linger_over);
  if (has_calls()) return calls_.queue().expire(now);
  if (!ending_.is_open() || (drain_.begun() && !receiving_.is_within_message())) return;
  const CloseReason late = receiving_.expire(now, input_.kept());
  if (late != CloseReason::none) close(late);
}

// What a time is over for, unless the client has taken something meanwhile.
bool Session::must_ask_what_is_taken(Instant now) const {
  if (sending_.has_looked(now) || !sending_.wants_taken(sent())) return false;
  const bool is_idle = ending_.is_open() && receiving_.is_idle() && !has_calls();
  return owes() || ending_.state() == Ending::State::lingering || is_idle;
}

// What is unsent is lost. What only the system has is its own, and arrives though we go.
void Session::expire_output(Instant now) {
  const CloseReason late = sending_.late(now);
  if (late == CloseReason::none) return;
  if (!output_.empty()) return cut(late);
  if (ending_.state() == Ending::State::lingering) return ending_.on(Ending::Event::linger_over);
  sending_.stop_waiting();
}

void Session::on_taken(const Taken& taken, Instant now) {
  wants_taken_ = false;
  note_taken(taken, now);
  expire(now);
  settle();
}

void Session::note_taken(const Taken& taken, Instant now) {
  const bool moved = sending_.on_taken(taken, sent(), now);
  if (moved && (receiving_.is_idle() || ending_.state() == Ending::State::lingering))
    receiving_.postpone(now);
}

CloseReason Session::judge_output(const Taken& taken, Instant now) {
  note_taken(taken, now);
  return sending_.late(now);
}

Session::Standing Session::standing() const {
  return {.paused = output_.paused(),
          .client_ended = input_.ended(),
          .draining = drain_.begun(),
          .shut = ending_.state() == Ending::State::lingering,
          .reason = ending_.reason()};
}

// The end.

// Where the connection stands now that all that has happened is taken in.
void Session::settle() {
  if (ending_.is_open() && !busy_ && !output_.paused() && !has_calls()) {
    if (service_.asynchronous() && has_all_messages())
      close(CloseReason::message_limit);
    else if (input_.ended())
      close(CloseReason::client_closed);
    else if (!input_.has_kept() && drain_.is_served(counters_.bytes_received))
      close(CloseReason::drained);
  }
  if (ending_.is_open()) return;
  input_.discard();
  if (input_.ended() && output_.empty()) ending_.on(Ending::Event::client_ended);
}

void Session::close(CloseReason reason) {
  ending_.close(reason);
  calls_.queue().cancel_all();
}

void Session::cut(CloseReason reason) {
  ending_.cut(reason, !output_.empty(), !input_.empty() || has_calls());
  calls_.queue().cancel_all();
  input_.discard();
  output_.clear();
}

// The client is told, unless what it has not taken yet is much itself, or a part of a reply.
void Session::end_for_memory() {
  must_end_for_memory_ = false;
  if (ending_.is_finished()) return;
  const bool within_reply = has_calls() && calls_.queue().first()->streamed;
  if (within_reply || unsent() >= MemoryHoldings::least) {
    ending_.mark_cut_off();
    return cut(CloseReason::memory_limit);
  }
  if (!ending_.is_open()) return;
  const std::uint64_t bytes = held();
  input_.discard();
  refuse_memory(bytes);
}

void Session::refuse_memory(std::uint64_t held_bytes) {
  output_.write_error("memory limit reached (this connection held " + std::to_string(held_bytes) +
                      " bytes)");
  close(CloseReason::memory_limit);
}

}  // namespace asyncd
