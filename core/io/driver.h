// Driver: the one piece of code that ties a Session to a Loop. There is no other connection logic,
// so the backends agree by construction. Lives on its loop's thread; owned by the loop, which
// destroys it once it is closed and nothing is pending.
#pragma once

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "core/accept/connection_info.h"
#include "core/accept/listener.h"
#include "core/base/deadline_wheel.h"
#include "core/io/loop.h"
#include "core/io/trace.h"
#include "core/io/workers.h"
#include "core/stage/staged_session.h"

namespace asyncd {

template <class LoopType>
class Driver : public DeadlineWheel::Node {
 public:
  using Channel = typename LoopType::Channel;

  Driver(LoopType& loop, NewConnection connection, Workers::Place place, BufferPool& pool)
      : info_(connection.info),
        loop_(loop),
        place_(std::move(place)),
        session_({service(),
                  pool,
                  place_.worker().state(),
                  info_,
                  {loop.call_operations(), this},
                  loop.hook_mark()},
                 loop.now()),
        trace_(Trace::of(info_.id, session_.session())),
        channel_(loop.open_channel(std::move(connection.socket))) {}

  // What happened: only recorded here; the next pump acts on it.
  void on_bytes(std::string_view bytes) {
    reading_ = false;
    session_.on_bytes(bytes);
    count();
  }
  void on_eof() {
    reading_ = false;
    session_.on_eof();
  }
  // A handler's hook may have taken long since the turn began; its client is not to blame for that.
  void on_sent(std::size_t bytes) {
    writing_ = false;
    session_.on_sent(bytes, loop_.roughly_now());
    count();
  }
  // The loop sends the rest later.
  void on_partly_sent(std::size_t bytes) {
    session_.on_sent(bytes, loop_.now());
    count();
  }
  // A slice of waiting is over, or the loop has given up a pending read.
  void on_idle() { reading_ = false; }
  void on_writable() { writing_ = false; }
  void on_turn() { yielding_ = false; }
  // Now, or because the service has been replaced. What was sent before the client could know is
  // still served.
  void on_drain(Instant began) {
    session_.on_drain(std::max(after(began, drain_grace), after(loop_.now(), last_look)));
  }
  // Obeys the order of a memory round. True: the loop has to pump this driver.
  bool heed(MemoryRound& round) {
    if (round.ends(session_.held())) {
      session_.on_memory_limit();
      return true;
    }
    return session_.held_back();
  }
  void on_read_failed(CloseReason reason) {
    reading_ = false;
    end_session(reason);
  }
  void on_send_failed(CloseReason reason) {
    writing_ = false;
    end_session(reason);
  }

  // Brings the loop's tally up to date. Called before a turn's output is sent, so that a client
  // never has a reply that is not counted, and before calls that may take long.
  void count() { loop_.tally().add(session_.counters(), counted_); }

  // Does all that can be done now.
  void pump() {
    if (closed_) return session_.forget_calls();
    try {
      // The loop reads for other connections, into the same buffer, before this one's turn.
      if (yielding_) return session_.keep_input();
      while (step()) {
      }
    } catch (const std::bad_alloc&) {
      loop_.on_hooks_over(*this);
      fail(CloseReason::no_memory);
    }
  }

  // For a blocking thread that sends output while the handler's hook has not returned.
  void begin_sending() { session_.on_sending(loop_.now()); }
  CloseReason late_output() {
    const Instant now = loop_.now();
    return session_.output_is_due(now) ? session_.judge_output(loop_.taken(*this), now)
                                       : CloseReason::none;
  }

  // Ends the connection at once, whatever is under way.
  void fail(CloseReason reason) {
    end_session(reason);
    close();
  }

  bool closed() const { return closed_; }
  bool over() const {  // nothing is pending any more
    return closed_ && !reading_ && !writing_ && !yielding_ && !session_.has_calls();
  }
  bool reading() const { return reading_; }
  bool writing() const { return writing_; }
  bool yielding() const { return yielding_; }

  Channel& channel() { return channel_; }
  const Service& service() const { return place_.worker().service(); }
  const StagedSession& session() const { return session_; }
  std::string_view pending_output() { return session_.pending_output(); }
  const ConnectionInfo& info() const { return info_; }
  // Once it is closed.
  EndedConnection ended() const { return {info_, session_.reason(), session_.counters()}; }

 private:
  static constexpr Duration drain_grace = std::chrono::milliseconds(100);
  // So long the driver waits for the input of a client that was accepted late.
  static constexpr Duration last_look = std::chrono::milliseconds(10);

  // One turn; true: there is more to do now. An operation that throws has not begun, so only the
  // answer of one tells whether it is pending.
  bool step() {
    now_ = loop_.now();
    if (session_.wants_last_look(now_)) session_.on_last_look(loop_.unread(*this));
    loop_.on_hooks(*this, now_);
    const bool more = session_.run(now_);
    if (session_.wants_taken()) [[unlikely]]
      session_.on_taken(loop_.taken(*this), now_);
    count();
    loop_.on_hooks_over(*this);
    if (session_.finished()) return close();
    if (!writing_) {
      if (const std::string_view output = session_.pending_output(); !output.empty()) {
        writing_ = !loop_.send(*this, output);
        if (!writing_ && session_.needs_turn()) return true;
      }
    }
    if (session_.wants_shutdown()) {
      loop_.shutdown_write(*this);
      session_.on_shutdown(loop_.now());  // calls may have blocked since the turn began
      if (session_.finished()) return close();
    }
    trace();
    if (more) {
      yielding_ = !loop_.yield(*this);
      return !yielding_;
    }
    if (!reading_ && session_.wants_input()) {
      reading_ = !loop_.receive(*this);
      if (!reading_) return true;
    }
    loop_.arm(*this, session_.deadline());
    return false;
  }

  // Traces the turn. A session that a stage has let begin is traced from now on.
  void trace() {
    if (trace_ == nullptr && session_.began()) [[unlikely]]
      trace_ = Trace::of(info_.id, session_.session());
    if (trace_ != nullptr) [[unlikely]]
      trace_->after_turn(now_);
  }

  // Its calls are cancelled.
  void end_session(CloseReason reason) {
    loop_.on_hooks(*this, loop_.now());
    session_.on_failed(reason);
    loop_.on_hooks_over(*this);
  }

  bool close() {
    if (!closed_) {
      closed_ = true;
      count();
      loop_.close(*this);
      if (trace_ != nullptr) trace_->after_turn(loop_.now());
      session_.forget_calls();
    }
    return false;
  }

  ConnectionInfo info_;
  LoopType& loop_;
  Workers::Place place_;
  StagedSession session_;
  std::unique_ptr<Trace> trace_;  // null unless the log wants each step
  SessionCounters counted_;       // as much of the session's as the tally holds
  Instant now_{};                 // of the current turn
  Channel channel_;
  bool reading_ = false;
  bool writing_ = false;
  bool yielding_ = false;
  bool closed_ = false;
};

}  // namespace asyncd
