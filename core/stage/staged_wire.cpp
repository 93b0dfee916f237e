#include "core/stage/staged_wire.h"

#include <algorithm>
#include <new>
#include <utility>

namespace asyncd {

namespace {

// Of a session's output at a time: its copy takes memory.
constexpr std::size_t most_in_flight = 64 << 10;

}  // namespace

StagedWire::StagedWire(std::unique_ptr<Stage> stage, const SessionPlan& plan,
                       std::optional<Session>& session, Instant now)
    : stage_(std::move(stage)),
      plan_(plan),
      session_(session),
      kept_(plan.pool),
      plain_(plan.pool),
      out_(plan.pool),
      moved_at_(now) {}

void StagedWire::on_bytes(std::string_view bytes) {
  ASYNCD_REQUIRE(lent_.empty(), "what was lent has been taken before more is lent");
  lent_ = bytes;
  received_ += bytes.size();
}

void StagedWire::keep_input() {
  if (!lent_.empty() && ending_.is_open()) kept_.append(lent_);
  lent_ = {};
}

// A plain byte becomes at least one byte of the wire, so no more plain bytes are unsent than bytes
// of the wire are.
void StagedWire::on_sent(std::size_t bytes, Instant now) {
  out_.on_sent(bytes);
  sent_ += bytes;
  if (bytes != 0) moved_at_ = now;
  if (!session_) return;
  const std::size_t taken = in_flight_ - std::min(in_flight_, out_.size());
  in_flight_ -= taken;
  session_->on_sent(taken, now);
}

// The end of a client that has never spoken is not waited for.
void StagedWire::on_shutdown(Instant now) {
  moved_at_ = now;
  shut_ = true;
  if (ending_.is_open()) {
    session_->on_shutdown(now);
    return heed_session(now);
  }
  ending_.on(Ending::Event::output_shut);
  if (drain_.begun() && received_ == 0) ending_.on(Ending::Event::linger_over);
}

// If it is the stage's own output that takes much memory, the session's error message would only
// add to it.
void StagedWire::on_memory_limit() {
  const bool stage_holds_much = out_.size() >= in_flight_ + MemoryHoldings::least;
  if (!session_ || !ending_.is_open() || stage_holds_much)
    cut(CloseReason::memory_limit);
  else
    session_->on_memory_limit();
}

bool StagedWire::wants_input() const {
  if (ended_ || ending_.is_finished()) return false;
  if (!ending_.is_open()) return true;
  // The stage's answers wait in the output, too, so no more is read from a client that takes none.
  return out_.size() < 2 * most_in_flight && (!session_ || session_->wants_input());
}

bool StagedWire::needs_turn() const {
  return !ending_.is_open() || !out_.empty() || (session_ && session_->needs_turn());
}

bool StagedWire::wants_shutdown() const {
  if (!out_.empty()) return false;
  if (!ending_.is_open()) return ending_.state() == Ending::State::flushing && !ended_;
  return said_end_ && session_ && session_->wants_shutdown();
}

std::uint64_t StagedWire::held() const {
  return stage_->held() + kept_.capacity() + plain_.capacity() + out_.capacity() +
         (session_ ? session_->held() : 0);
}

// A turn: passes input from the wire through the stage to the session and runs that. pending_output
// passes the session's output back through the stage.
bool StagedWire::run(Instant now) {
  if (no_memory_) throw std::bad_alloc();
  receive(now);
  bool more = false;
  if (ending_.is_open() && stage_->is_open())
    more = run_session(now);
  else if (ending_.is_open() && received_ == 0 && drain_.is_served(0))
    ending_.close(CloseReason::drained);
  plain_.clear();
  // The session has handled the messages that came before the failure.
  if (ending_.is_open() && stage_->failure() != CloseReason::none) fail(stage_->failure());
  if (ending_.is_open() && ended_ && !stage_->is_open()) fail(CloseReason::stage_failed);
  heed_session(now);
  settle(now);
  return more && ending_.is_open();
}

void StagedWire::receive(Instant now) {
  if (ending_.is_open()) {
    const bool had_output = !out_.empty();
    if (!kept_.empty()) keep_input();
    Buffer unsent(plan_.pool);  // the stage's answers after the closing word are dropped
    if (const std::string_view bytes = kept_.empty() ? lent_ : kept_.view(); !bytes.empty())
      stage_->receive(bytes, plain_, said_end_ ? unsent : out_.back());
    if (!had_output && !out_.empty()) moved_at_ = now;
    if (stage_->failure() == CloseReason::none && ended_ && !told_end_) {
      told_end_ = true;
      stage_->on_wire_end();
    }
    if (now >= stage_->deadline()) stage_->on_time(now);
  }
  lent_ = {};
  kept_.clear();
}

bool StagedWire::run_session(Instant now) {
  if (!session_) plan_.make(session_, now);
  if (!plain_.empty()) session_->on_bytes(plain_.view());
  if (stage_->has_ended()) session_->on_eof();
  // The stage has decoded all that had arrived when the driver looked.
  if (drain_.is_served(received_) && !stage_->is_within_record() && !session_->draining()) {
    session_->on_drain(now);
    session_->on_last_look(0);
  }
  return session_->run(now);
}

// Ends the wire after the session. The closing word tells the client that it has received
// everything, so it follows the last reply, and is not sent if something is missing.
void StagedWire::heed_session(Instant now) {
  // Ended calls release what they hold now, not only once the wire has ended.
  if (session_ && session_->finished()) session_->forget_calls();
  if (!ending_.is_open() || !session_) return;
  if (session_->wants_shutdown()) send_end(now);
  if (!session_->finished()) return;
  if (session_->cut_off()) return cut(session_->reason());
  send_end(now);
  ending_.close(session_->reason());
  if (shut_) ending_.on(Ending::Event::output_shut);
}

void StagedWire::send_end(Instant now) {
  if (said_end_ || !stage_->is_open()) return;
  said_end_ = true;
  if (out_.empty()) moved_at_ = now;
  stage_->send_end(out_.back());
}

void StagedWire::settle(Instant now) {
  const Limits& limits = plan_.service.limits;
  if (has_only_own_output() && now >= after(moved_at_, limits.write_timeout))
    return cut(CloseReason::write_timeout);
  if (ending_.is_open()) return;
  if (ended_ && out_.empty()) ending_.on(Ending::Event::client_ended);
  if (now >= linger_deadline()) ending_.on(Ending::Event::linger_over);
}

// The stage's output, such as an alert, is still sent.
void StagedWire::fail(CloseReason reason) {
  if (session_) session_->on_failed(reason);
  in_flight_ = 0;
  ending_.close(reason);
}

void StagedWire::cut(CloseReason reason) {
  if (session_) session_->on_failed(reason);
  in_flight_ = 0;
  out_.clear();
  kept_.clear();
  lent_ = {};
  ending_.cut(reason, false, false);
}

std::string_view StagedWire::pending_output() noexcept {
  try {
    encode();
  } catch (const std::bad_alloc&) {
    no_memory_ = true;
  }
  return no_memory_ ? std::string_view() : out_.pending();
}

void StagedWire::encode() {
  if (!ending_.is_open() || !session_ || in_flight_ != 0 || said_end_ || no_memory_) return;
  const std::string_view plain = session_->pending_output().substr(0, most_in_flight);
  if (plain.empty()) return;
  stage_->send(plain, out_.back());
  in_flight_ = plain.size();
}

Instant StagedWire::linger_deadline() const {
  return after(moved_at_, drain_.linger_limit(plan_.service.limits.linger_idle_timeout));
}

Instant StagedWire::deadline() const {
  if (no_memory_) return {};  // at once
  const Limits& limits = plan_.service.limits;
  const Instant own = has_only_own_output() ? after(moved_at_, limits.write_timeout) : never;
  switch (ending_.state()) {
    case Ending::State::open:
      return std::min(
          {own, stage_->deadline(), drain_.look_at(), session_ ? session_->deadline() : never});
    case Ending::State::flushing:
      return own;
    case Ending::State::lingering:
      return linger_deadline();
    case Ending::State::finished:
      break;
  }
  return never;
}

// The wire carries more bytes than the session has sent, and does not tell which of them the client
// has taken. A share in proportion grows whenever the client takes something.
Taken StagedWire::plain(const Taken& taken) const {
  const std::uint64_t of_session = session_->counters().bytes_sent;
  if (taken.bytes >= sent_) return {of_session, taken.held};
  const double part = static_cast<double>(taken.bytes) / static_cast<double>(sent_);
  return {static_cast<std::uint64_t>(part * static_cast<double>(of_session)), taken.held};
}

void StagedWire::on_taken(const Taken& taken, Instant now) {
  session_->on_taken(plain(taken), now);
  heed_session(now);
  settle(now);
}

CloseReason StagedWire::judge_output(const Taken& taken, Instant now) {
  return session_->judge_output(plain(taken), now);
}

}  // namespace asyncd
