#include "core/session/session.h"

#include <algorithm>
#include <bit>

#include "core/session/async_call.h"

namespace asyncd {

// A buffer doubles, so it has at most twice what it holds. Input: an unfinished message and what
// one read brings. Output: less than the high-water mark, and the reply that passes it, in either
// of two buffers.
std::uint64_t most_buffered(const Limits& limits) {
  constexpr std::uint64_t framing = 32;  // or what an error begins with
  const std::uint64_t most_input = limits.max_message + most_around_message;
  const std::uint64_t input = std::max(most_input + limits.input_buffer, 2 * most_input);
  const std::uint64_t output = std::max(
      limits.output_high_water + std::max<std::uint64_t>(limits.max_reply, least_window) + framing,
      2 * limits.output_high_water);
  return std::bit_ceil(input) + 2 * std::bit_ceil(output);
}

Session::Session(const Service& service, BufferPool& pool, void* worker, const ConnectionInfo& info,
                 Instant now, const CallOwner& owner, HookMark* mark)
    : service_(service),
      info_(info),
      worker_(worker),
      mark_(mark),
      queue_(service.asynchronous() ? std::make_unique<CallQueue>() : nullptr),
      rest_(pool),
      front_(pool),
      back_(pool),
      waiting_since_(now),
      writing_since_(now),
      rate_since_(now) {
  if (queue_ != nullptr) {
    queue_->owner = owner;
    if (service.hooks->concurrency == ASYNCD_REENTRANT)
      queue_->most = static_cast<std::uint32_t>(service.limits.max_in_flight);
  }
  opened_ = succeeds(service_.hooks->connection_open, service_.self, worker_, &connection_);
  if (!opened_) close(CloseReason::handler_failed);
}

Session::~Session() {
  if (opened_) call_quietly(service_.hooks->connection_close, service_.self, worker_, connection_);
}

void Session::on_bytes(std::string_view bytes) {
  lent_ = bytes;
  counters_.bytes_received += bytes.size();
  got_input_ = true;
}

void Session::keep_input() {
  if (state_ == State::open && !lent_.empty()) rest_.append(lent_);
  lent_ = {};
}

void Session::on_sent(std::size_t bytes, Instant now) {
  // Output that begins to wait does so from now on: the hook that made it may have taken long.
  if (look_after_ < writing_since_) writing_since_ = rate_since_ = std::max(writing_since_, now);
  // the system has taken it, which tells little of the client
  look_after_ = std::max(look_after_, now);
  if (bytes == 0) return;
  front_.consume(bytes);
  counters_.bytes_sent += bytes;
  // A client that is still taking its reply is not idle yet.
  if (waiting_ == Waiting::idle) waiting_since_ = std::max(waiting_since_, now);
}

// Nobody need wait for the end of a client that has never spoken.
void Session::on_shutdown(Instant now) {
  state_ = State::lingering;
  waiting_since_ = writing_since_ = now;
  still_taking_ = false;
  if (draining_ && counters_.bytes_sent == 0 && counters_.bytes_received == 0) finish(reason_);
}

void Session::on_drain(Instant earliest) {
  if (draining_) return;
  draining_ = true;
  drain_end_ = earliest;
}

void Session::on_last_look(std::size_t unread) {
  looked_ = true;
  drain_bytes_ = counters_.bytes_received + unread;
}

bool Session::run(Instant now) {
  const std::uint64_t messages_before = counters_.messages_received;
  const bool had_calls = has_calls();
  busy_ = false;
  if (gives_way_) give_way();
  if (queue_ != nullptr) queue_->now = now;
  if (had_calls) deliver_calls();
  if (state_ == State::open) {
    busy_ = serve();
  } else {
    lent_ = {};  // discarded: nobody will answer it
    if (!opened_ && state_ == State::flushing && counters_.errors_sent == 0)
      send_error("handler failed");
  }
  const Instant end = queue_ != nullptr ? queue_->now : now;  // calls may have blocked
  held_back_ = holds_too_much();
  keep_time(end, had_calls || counters_.messages_received != messages_before);
  expire(end);
  settle();
  return busy_ && state_ == State::open;
}

std::string_view Session::pending_output() {
  if (front_.empty()) front_.swap(back_);
  return front_.view();
}

Session::Standing Session::standing() const {
  const bool shut = state_ == State::lingering;
  return {.paused = paused_,
          .client_ended = ended_,
          .draining = draining_,
          .shut = shut,
          .reason = reason_};
}

bool Session::wants_input() const {
  if (ended_ || state_ == State::finished) return false;
  return state_ != State::open || !(paused_ || held_back_ || busy_ || holds_input());
}

// Handles what has been received, as far as the turn's bounds allow, and keeps the remainder.
bool Session::serve() {
  if (paused_ && unsent() > service_.limits.output_low_water) {
    keep_input();
    return false;
  }
  paused_ = false;
  if (queue_ != nullptr) queue_->held = false;
  bool more = false;
  if (rest_.empty()) {
    const std::size_t used = serve_messages(lent_, more);
    if (used < lent_.size() && state_ == State::open) rest_.append(lent_.substr(used));
  } else {
    if (!lent_.empty()) rest_.append(lent_);
    const std::size_t used = serve_messages(rest_.view(), more);
    if (state_ != State::finished) rest_.consume(used);
  }
  lent_ = {};
  if (back_.empty()) back_.clear();
  return more;
}

// Returns how many bytes of `input` were used up.
std::size_t Session::serve_messages(std::string_view input, bool& more) {
  std::size_t position = 0;
  for (std::size_t served = 0; position < input.size() && state_ == State::open; ++served) {
    // With nothing to be sent there is nothing to wait for, however low the mark.
    if (output_is_full()) {
      paused_ = true;
      break;
    }
    if (served == turn_messages || position >= turn_bytes) {
      more = true;
      break;
    }
    if (queue_ != nullptr && hold_messages()) break;
    if (!take_message(input, position)) break;
  }
  return position;
}

// The first message at `position`, answered; false when there is none yet, or none to come.
bool Session::take_message(std::string_view input, std::size_t& position) {
  const Frame frame = service_.framer->next(input.substr(position), scanned_, ended_);
  scanned_ = frame.scanned;
  if (frame.status == Frame::Status::need_more) return false;
  if (frame.status == Frame::Status::complete) {
    position += frame.total;
    call_handler(frame.message);
    return true;
  }
  if (has_calls()) {  // what came before is answered first
    queue_->held = true;
    return false;
  }
  switch (frame.status) {
    case Frame::Status::complete:
    case Frame::Status::need_more:
      break;
    case Frame::Status::too_long:
      send_error("message too long (limit " + std::to_string(service_.limits.max_message) +
                 " bytes)");
      close(CloseReason::message_too_long);
      break;
    case Frame::Status::incomplete:
      send_error("incomplete message (" + std::to_string(input.size() - position) +
                 (frame.expected != 0 ? " of " + std::to_string(frame.expected) : std::string()) +
                 " bytes)");
      close(CloseReason::message_incomplete);
      break;
    case Frame::Status::malformed:
      send_error("malformed message");
      close(CloseReason::message_malformed);
      break;
    case Frame::Status::failed:
      fail_handler();
      break;
  }
  position = input.size();
  return false;
}

// Where the connection stands now that all that has happened is taken in.
void Session::settle() {
  if (state_ == State::open && !busy_ && !paused_ && !has_calls()) {
    if (queue_ != nullptr && counters_.messages_received >= service_.limits.messages_per_connection)
      close(CloseReason::message_limit);
    else if (ended_)
      close(CloseReason::client_closed);
    else if (looked_ && rest_.empty() && counters_.bytes_received >= drain_bytes_)
      close(CloseReason::drained);
  }
  if (state_ == State::open) return;
  rest_.clear();
  if (ended_ && (state_ == State::lingering || (state_ == State::flushing && !has_output())))
    finish(reason_);
}

void Session::close(CloseReason reason) {
  reason_ = reason;
  state_ = State::flushing;
  if (queue_ != nullptr) cancel_calls();
}

// The client is told, unless what it has not taken yet is much itself, or a part of a reply.
void Session::give_way() {
  gives_way_ = false;
  if (state_ == State::finished) return;
  const bool within_reply = has_calls() && begun_reply();
  if (within_reply || unsent() >= MemoryHoldings::least) {
    cut_off_ = true;
    return finish(CloseReason::memory_limit);
  }
  if (state_ != State::open) return;
  const std::uint64_t bytes = held();
  lent_ = {};
  rest_.clear();
  refuse_memory(bytes);
}

void Session::refuse_memory(std::uint64_t held_bytes) {
  send_error("memory limit reached (this connection held " + std::to_string(held_bytes) +
             " bytes)");
  close(CloseReason::memory_limit);
}

void Session::finish(CloseReason reason) {
  const bool unanswered =
      state_ == State::open && !(lent_.empty() && rest_.empty() && !has_calls());
  cut_off_ = cut_off_ || has_output() || unanswered;
  // however it was meant to end
  if (reason_ == CloseReason::none || has_output()) reason_ = reason;
  state_ = State::finished;
  if (queue_ != nullptr) cancel_calls();
  lent_ = {};
  rest_.clear();
  front_.clear();
  back_.clear();
}

}  // namespace asyncd
