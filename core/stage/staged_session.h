// StagedSession: what a driver talks to: a Session, or a StagedWire with a session behind it if the
// service has stages. Without a stage each function is the session's own. Belongs to the
// connection's thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/session/session.h"
#include "core/stage/staged_wire.h"

namespace asyncd {

class StagedSession {
 public:
  StagedSession(const SessionPlan& plan, Instant now) {
    if (plan.service.stages == nullptr)
      plan.make(session_, now);
    else
      wire_ = std::make_unique<StagedWire>(plan.service.stages->make(now), plan, session_, now);
  }

  void on_bytes(std::string_view bytes) {
    wire_ ? wire_->on_bytes(bytes) : session_->on_bytes(bytes);
  }
  void keep_input() { wire_ ? wire_->keep_input() : session_->keep_input(); }
  void on_eof() { wire_ ? wire_->on_eof() : session_->on_eof(); }
  void on_sent(std::size_t bytes, Instant now) {
    wire_ ? wire_->on_sent(bytes, now) : session_->on_sent(bytes, now);
  }
  void on_shutdown(Instant now) { wire_ ? wire_->on_shutdown(now) : session_->on_shutdown(now); }
  void on_failed(CloseReason reason) {
    wire_ ? wire_->on_failed(reason) : session_->on_failed(reason);
  }
  void on_drain(Instant earliest) {
    wire_ ? wire_->on_drain(earliest) : session_->on_drain(earliest);
  }
  void on_last_look(std::size_t unread) {
    wire_ ? wire_->on_last_look(unread) : session_->on_last_look(unread);
  }
  void on_memory_limit() { wire_ ? wire_->on_memory_limit() : session_->on_memory_limit(); }
  bool run(Instant now) { return wire_ ? wire_->run(now) : session_->run(now); }

  std::string_view pending_output() {
    return wire_ ? wire_->pending_output() : session_->pending_output();
  }
  bool wants_input() const { return wire_ ? wire_->wants_input() : session_->wants_input(); }
  bool needs_turn() const { return wire_ ? wire_->needs_turn() : session_->needs_turn(); }
  bool wants_shutdown() const {
    return wire_ ? wire_->wants_shutdown() : session_->wants_shutdown();
  }
  bool finished() const { return wire_ ? wire_->finished() : session_->finished(); }
  bool draining() const { return wire_ ? wire_->draining() : session_->draining(); }
  bool wants_last_look(Instant now) const {
    return wire_ ? wire_->wants_last_look(now) : session_->wants_last_look(now);
  }
  Instant deadline() const { return wire_ ? wire_->deadline() : session_->deadline(); }
  std::uint64_t held() const { return wire_ ? wire_->held() : session_->held(); }
  bool cut_off() const { return wire_ ? wire_->cut_off() : session_->cut_off(); }
  CloseReason reason() const { return wire_ ? wire_->reason() : session_->reason(); }
  std::uint64_t sent_on_wire() const {
    return wire_ ? wire_->sent() : session_->counters().bytes_sent;
  }
  void on_taken(const Taken& taken, Instant now) {
    wire_ ? wire_->on_taken(taken, now) : session_->on_taken(taken, now);
  }
  CloseReason judge_output(const Taken& taken, Instant now) {
    return wire_ ? wire_->judge_output(taken, now) : session_->judge_output(taken, now);
  }

  // Null until the stage is open: before, no handler is called and no byte is counted.
  Session* session() { return session_ ? &*session_ : nullptr; }
  const Session* session() const { return session_ ? &*session_ : nullptr; }
  // Once, after the turn in which the stage has become open.
  bool began() { return wire_ && session_ && !std::exchange(told_began_, true); }
  const SessionCounters& counters() const {
    static constexpr SessionCounters nothing;
    return session_ ? session_->counters() : nothing;
  }
  bool has_calls() const { return session_ && session_->has_calls(); }
  void forget_calls() {
    if (session_) session_->forget_calls();
  }
  bool wants_taken() const { return session_ && session_->wants_taken(); }
  bool holds_too_much() const { return session_ && session_->holds_too_much(); }
  bool held_back() const { return session_ && session_->held_back(); }
  void on_sending(Instant now) { session_->on_sending(now); }
  bool output_is_due(Instant now) const { return session_->output_is_due(now); }

 private:
  std::optional<Session> session_;
  std::unique_ptr<StagedWire> wire_;  // null: there is no stage
  bool told_began_ = false;
};

}  // namespace asyncd
