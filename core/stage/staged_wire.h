// StagedWire: passes bytes between the wire, a Stage and a session. The driver uses it like a
// Session; its bytes are those of the wire. It makes the session once the stage is open, and ends
// the wire after the session's last reply and the stage's closing word. Belongs to the connection's
// thread.
//
// The session keeps its output until the system has accepted the bytes that the stage has made of
// it, so the session's time limits and marks apply to the client and not to the stage.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/send_buffer.h"
#include "core/session/session.h"
#include "core/stage/stage.h"

namespace asyncd {

// What a session is made of once its stage is open. All references outlive it.
struct SessionPlan {
  const Service& service;
  BufferPool& pool;
  void* worker;
  const ConnectionInfo& info;
  CallOwner owner;
  HookMark* mark;

  void make(std::optional<Session>& session, Instant now) const {
    session.emplace(service, pool, worker, info, now, owner, mark);
  }
};

class StagedWire {
 public:
  // `session` is empty; it is filled when the stage is open. std::bad_alloc.
  StagedWire(std::unique_ptr<Stage> stage, const SessionPlan& plan, std::optional<Session>& session,
             Instant now);
  StagedWire(const StagedWire&) = delete;
  StagedWire& operator=(const StagedWire&) = delete;

  // As those of Session.
  void on_bytes(std::string_view bytes);
  void keep_input();
  void on_eof() { ended_ = true; }
  void on_sent(std::size_t bytes, Instant now);
  void on_shutdown(Instant now);
  void on_failed(CloseReason reason) { cut(reason); }
  void on_drain(Instant earliest) { drain_.begin(earliest); }
  bool draining() const { return drain_.begun(); }
  bool wants_last_look(Instant now) const { return drain_.wants_look(now); }
  void on_last_look(std::size_t unread) { drain_.on_look(received_ + unread); }
  void on_memory_limit();
  bool run(Instant now);
  std::string_view pending_output() noexcept;
  bool wants_input() const;
  bool needs_turn() const;
  bool wants_shutdown() const;
  void on_taken(const Taken& taken, Instant now);
  CloseReason judge_output(const Taken& taken, Instant now);
  Instant deadline() const;

  bool finished() const { return ending_.is_finished(); }
  CloseReason reason() const { return session_ ? session_->reason() : ending_.reason(); }
  bool cut_off() const { return session_ && session_->cut_off(); }
  std::uint64_t sent() const { return sent_; }  // bytes, on the wire
  std::uint64_t held() const;

 private:
  void receive(Instant now);
  bool run_session(Instant now);
  void encode();
  void send_end(Instant now);
  void heed_session(Instant now);
  void settle(Instant now);
  void fail(CloseReason reason);
  void cut(CloseReason reason);
  bool has_only_own_output() const { return !out_.empty() && in_flight_ == 0; }
  Taken plain(const Taken& taken) const;
  Instant linger_deadline() const;

  const std::unique_ptr<Stage> stage_;
  const SessionPlan plan_;
  std::optional<Session>& session_;

  std::string_view lent_;
  Buffer kept_;                // of the wire, for a run that had to wait
  Buffer plain_;               // of a turn
  SendBuffer out_;             // for the wire
  std::size_t in_flight_ = 0;  // plain bytes that are encoded in out_ and not acknowledged
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;

  Ending ending_;  // of the wire
  Drain drain_;
  Instant moved_at_;        // output last began or moved, or our side was shut
  bool ended_ = false;      // the client's side of the wire
  bool told_end_ = false;   // the stage knows of that
  bool said_end_ = false;   // the closing word is among the output
  bool shut_ = false;       // our side
  bool no_memory_ = false;  // for output
};

}  // namespace asyncd
