// Session: one connection without its I/O. Bytes go in, bytes come out, and a deadline says when to
// look again. It knows framing, the handler's calls, the limits and how a connection ends; it knows
// no socket, errno, clock, thread, lock or log.
//
// One owner, one thread at a time. on_* functions only record what happened; all parsing, calling
// and timing-out is in run, with a bound on the work of one turn, so that one busy connection
// cannot starve its neighbours.
//
// The end: open -> flushing (what was replied goes out) -> lingering (our side is shut; input is
// discarded, because closing a socket with unread input makes TCP destroy the last reply) ->
// finished.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/base/taken.h"
#include "core/session/close_reason.h"
#include "core/session/counters.h"
#include "core/session/hook_mark.h"
#include "core/session/operations.h"
#include "core/session/service.h"

namespace asyncd {

struct AsyncCall;
struct Call;
struct CallQueue;
struct ConnectionInfo;
class SessionObserver;

// Work of one turn at most.
inline constexpr std::size_t turn_messages = 16;
inline constexpr std::size_t turn_bytes = 64 << 10;

// The bytes of buffers that a session may come to hold, however its client behaves.
std::uint64_t most_buffered(const Limits& limits);
std::uint64_t most_in_calls(const Service& service);  // on an event loop: of calls that wait

class Session {
 public:
  // `worker` is what the handler's worker_create gave on this thread; `owner` is for asynchronous
  // handlers. All references outlive the session.
  Session(const Service& service, BufferPool& pool, void* worker, const ConnectionInfo& info,
          Instant now, const CallOwner& owner = {}, HookMark* mark = nullptr);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What happened. `bytes` are lent: they must stay as they are until the next run or keep_input
  // returns.
  void on_bytes(std::string_view bytes);
  void keep_input();  // copies what is lent, for a run that has to wait
  void on_eof() { ended_ = true; }
  void on_sent(std::size_t bytes, Instant now);
  void on_shutdown(Instant now);  // our side of the connection has been shut
  void on_failed(CloseReason reason) { finish(reason); }
  // End as soon as nothing is under way, at `earliest` at the soonest: what has arrived by then is
  // still served.
  void on_drain(Instant earliest);
  void on_last_look(std::size_t unread);         // so many bytes have
  void on_memory_limit() { gives_way_ = true; }  // it holds too much, and has to end

  // One turn. True: there is more to do at once, with no further input.
  bool run(Instant now);

  // What to do next.
  std::string_view pending_output();  // stays in place until on_sent has acknowledged all of it
  std::size_t unsent() const { return front_.size() + back_.size(); }
  bool wants_input() const;
  bool needs_turn() const {  // after output has moved
    return state_ != State::open || paused_ || held_back_ || has_output() || waits_for_output();
  }
  // Memory that it holds beside itself; whether so much that it is not to be read for the time
  // being, and whether that has been so in its last turn.
  std::uint64_t held() const {
    return rest_.capacity() + front_.capacity() + back_.capacity() + held_by_calls();
  }
  bool holds_too_much() const { return state_ == State::open && pool().account().pauses(held()); }
  bool held_back() const { return held_back_; }
  bool wants_shutdown() const { return state_ == State::flushing && !has_output() && !ended_; }
  bool finished() const { return state_ == State::finished; }
  // the session must outlive them
  bool has_calls() const { return queue_ != nullptr && count_calls() != 0; }
  // once finished: those that have ended
  void forget_calls();
  void on_entered(AsyncCall& call);  // it is the turn of a serial handler's call
  bool draining() const { return draining_; }
  bool wants_last_look(Instant now) const { return draining_ && !looked_ && now >= drain_end_; }
  // A time is over that does not run while the client takes what it was sent: on_taken says whether
  // it has.
  bool wants_taken() const { return wants_taken_; }
  void on_taken(const Taken& taken, Instant now);

  // Where output is sent while a handler's hook has not returned, and run cannot see to its time.
  void on_sending(Instant now);  // begins
  bool output_is_due(Instant now) const { return has_output() && now >= output_deadline(); }
  CloseReason judge_output(const Taken& taken, Instant now);  // then; none: the client may go on
  // something is missing: nobody may take the end for a clean one
  bool cut_off() const { return cut_off_; }
  Instant deadline() const;  // when run must be called though nothing happened

  // For a log of each step. Once the observer is gone only the session's destructor may be called.
  struct Standing {
    bool paused = false;
    bool client_ended = false;
    bool draining = false;
    bool shut = false;  // our side is
    CloseReason reason = CloseReason::none;
  };
  struct Wait {
    std::string_view what;  // as a word; empty: nothing any more
    Duration limit{};
  };
  void observe(SessionObserver* observer) { observer_ = observer; }
  Standing standing() const;
  Wait waits_for() const;  // what its deadline is about

  const Service& service() const { return service_; }
  CloseReason reason() const { return reason_; }
  const SessionCounters& counters() const { return counters_; }

 private:
  friend int32_t session_reply_reserve(asyncd_call* call, uint64_t bytes) noexcept;
  friend int32_t session_submit(asyncd_call* call, asyncd_op* op) noexcept;
  friend void session_finish_call(asyncd_call* call, int32_t outcome) noexcept;
  friend void* session_allocate(asyncd_call* call, uint64_t bytes) noexcept;
  friend void session_release(asyncd_call* call, void* memory, uint64_t bytes) noexcept;

  enum class State : std::uint8_t { open, flushing, lingering, finished };
  enum class Waiting : std::uint8_t { first_byte, idle, message };

  bool serve();
  std::size_t serve_messages(std::string_view input, bool& more);
  bool take_message(std::string_view input, std::size_t& position);
  void call_handler(std::string_view message);
  void begin(Call& call, std::string_view message);
  int32_t invoke(Call& call);
  void finish_call(Call& call, int32_t outcome);
  void fail_handler();
  void break_off();
  void open_reply(Call& call);
  std::span<char> window();
  std::size_t around_reply() const;
  void commit_reply(std::uint64_t size);
  void send_error(std::string_view what);
  std::uint64_t reply_limit() const;

  // waiting_calls.cpp: calls of asynchronous handlers.
  void call_async(std::string_view message);
  void call_inline(std::string_view message);
  void call_deferred(std::string_view message);
  AsyncCall& add_call(std::string_view message);
  void begin_call(AsyncCall& call);
  void deliver_calls();
  void deliver(AsyncCall& call);
  void end_call(AsyncCall& call);
  void cancel_calls();
  void cancel(AsyncCall& call);
  void expire_calls(Instant now);
  Instant call_deadline() const;
  std::uint64_t count_calls() const;
  std::uint64_t held_by_calls() const;
  bool waits_for_output() const;
  bool begun_reply() const;
  bool hold_messages();
  bool holds_input() const;
  void send_before_blocking(AsyncCall& call);
  template <class Send>
  bool keep_window(AsyncCall& call, Send send);
  void reopen_reply(AsyncCall& call);
  int32_t flush(AsyncCall& call, asyncd_op& op);
  int32_t flush_inline(AsyncCall& call, asyncd_op& op);
  bool flush_part(AsyncCall& call);
  void go_on_flushing();
  static int32_t reserve_own(AsyncCall& call, uint64_t bytes);
  BufferPool& pool() const { return back_.pool(); }

  void keep_time(Instant now, bool served);
  void expire(Instant now);
  void expire_output(Instant now);
  void expire_input(Instant now);
  bool must_look(Instant now) const;
  void note_output_begin(Instant now);
  void note_taken(const Taken& taken, Instant now);
  void judge_rate(Instant now);
  CloseReason late_output(Instant now) const;
  Instant output_deadline() const;
  Instant message_deadline() const;
  Instant quiet_deadline() const;
  Duration linger_idle() const;
  bool owes() const { return has_output() || still_taking_; }
  void settle();
  void close(CloseReason reason);
  void finish(CloseReason reason);
  void give_way();
  void refuse_memory(std::uint64_t held_bytes);
  bool has_output() const { return !front_.empty() || !back_.empty(); }
  bool output_is_full() const {
    return has_output() && unsent() >= service_.limits.output_high_water;
  }

  const Service& service_;
  const ConnectionInfo& info_;
  void* worker_;
  HookMark* const mark_;  // null: nobody looks at each hook by itself
  void* connection_ = nullptr;
  SessionObserver* observer_ = nullptr;
  const std::unique_ptr<CallQueue> queue_;  // of an asynchronous handler

  std::string_view lent_;
  Buffer rest_;              // input that could not be handled in place
  Buffer front_;             // output in flight
  Buffer back_;              // output being filled
  std::size_t scanned_ = 0;  // bytes of rest_ that the framer need not look at again

  Instant waiting_since_;  // of the current kind of waiting; lingering: of the last input
  // the client last took of its output; lingering: since all of it was taken
  Instant writing_since_;
  Instant drain_end_{};            // draining: from then on it ends between two messages ...
  std::uint64_t drain_bytes_ = 0;  // ... once it has received so many bytes
  SessionCounters counters_;

  // What is known of the client's side; deadlines.cpp.
  std::uint64_t taken_ = 0;       // of all bytes sent, by the client
  Instant looked_at_{};           // when that was asked
  Instant look_after_{};          // then, or when output last moved
  Instant rate_since_;            // with min_send_rate: since then output has been waiting ...
  std::uint64_t rate_taken_ = 0;  // ... and so much had been taken, once that is known

  State state_ = State::open;
  Waiting waiting_ = Waiting::first_byte;
  CloseReason reason_ = CloseReason::none;
  bool opened_ = false;        // connection_open succeeded
  bool got_input_ = false;     // since the last run
  bool began_output_ = false;  // since the last run
  // output passed the high-water mark and has not reached the low one yet
  bool paused_ = false;
  bool held_back_ = false;  // not read, because all connections together hold too much
  bool gives_way_ = false;  // likewise, and this one has to end
  bool ended_ = false;      // the client will send no more
  bool draining_ = false;
  bool looked_ = false;  // draining: drain_bytes_ is known
  bool cut_off_ = false;
  bool busy_ = false;  // messages are left for the next turn
  bool wants_taken_ = false;
  bool knows_rate_taken_ = false;
  bool still_taking_ = false;  // nothing is unsent, but the system has some of it still
  bool too_slow_ = false;
};

}  // namespace asyncd
