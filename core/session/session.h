// Session: one connection without its I/O. Bytes go in, bytes come out, and a deadline says when to
// look again. It connects its parts: Input, Calls, Output, the timers, Drain and Ending. It knows
// no socket, errno, clock, thread, lock or log.
//
// One owner, one thread at a time. on_* functions only record what happened; all parsing, calling
// and timing-out is in run, with a bound on the work of one turn, so that one busy connection
// cannot starve its neighbours.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/taken.h"
#include "core/session/calls.h"
#include "core/session/counters.h"
#include "core/session/drain.h"
#include "core/session/ending.h"
#include "core/session/input.h"
#include "core/session/output.h"
#include "core/session/receive_timer.h"
#include "core/session/send_timer.h"

namespace asyncd {

class SessionObserver;

// Work of one turn at most.
inline constexpr std::size_t turn_messages = 16;
inline constexpr std::size_t turn_bytes = 64 << 10;

class Session {
 public:
  // `worker` is what the handler's worker_create gave on this thread; `owner` is for asynchronous
  // handlers. All references outlive the session.
  Session(const Service& service, BufferPool& pool, void* worker, const ConnectionInfo& info,
          Instant now, const CallOwner& owner = {}, HookMark* mark = nullptr);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What happened. `bytes` are lent: they must stay as they are until the next run or keep_input
  // returns.
  void on_bytes(std::string_view bytes);
  void keep_input();  // copies what is lent, for a run that has to wait
  void on_eof() { input_.end(); }
  void on_sent(std::size_t bytes, Instant now);
  void on_shutdown(Instant now);  // our side of the connection has been shut
  void on_failed(CloseReason reason) { cut(reason); }
  // End as soon as nothing is under way, at `earliest` at the soonest: what has arrived by then is
  // still served.
  void on_drain(Instant earliest) { drain_.begin(earliest); }
  void on_last_look(std::size_t unread) { drain_.on_look(counters_.bytes_received + unread); }
  void on_memory_limit() { must_end_for_memory_ = true; }

  // One turn. True: there is more to do at once, with no further input.
  bool run(Instant now);

  // What to do next.
  std::string_view pending_output() { return output_.pending(); }
  std::size_t unsent() const { return output_.unsent(); }
  bool wants_input() const;
  bool needs_turn() const;  // after output has moved
  bool wants_shutdown() const {
    return ending_.state() == Ending::State::flushing && output_.empty() && !input_.ended();
  }
  bool finished() const { return ending_.is_finished(); }
  bool has_calls() const { return !calls_.queue().empty(); }  // the session must outlive them
  void forget_calls() { calls_.queue().remove_ended(); }      // once finished
  bool draining() const { return drain_.begun(); }
  bool wants_last_look(Instant now) const { return drain_.wants_look(now); }
  // A time is over that does not run while the client takes what it was sent: on_taken says whether
  // it has.
  bool wants_taken() const { return wants_taken_; }
  void on_taken(const Taken& taken, Instant now);

  // Memory that it holds beside itself; whether so much that it is not to be read for the time
  // being, and whether that has been so in its last turn.
  std::uint64_t held() const {
    return input_.capacity() + output_.capacity() + calls_.queue().bytes_held();
  }
  bool holds_too_much() const {
    return ending_.is_open() && output_.pool().account().pauses(held());
  }
  bool held_back() const { return held_back_; }

  // Where output is sent while a handler's hook has not returned, and run cannot see to its time.
  void on_sending(Instant now) {  // begins
    if (output_.take_begun()) sending_.begin(now);
  }
  bool output_is_due(Instant now) const {
    return !output_.empty() && now >= sending_.deadline(sent());
  }
  CloseReason judge_output(const Taken& taken, Instant now);  // then; none: the client may go on
  bool cut_off() const { return ending_.cut_off(); }
  Instant deadline() const;  // when run must be called though nothing happened

  Calls& calls() { return calls_; }

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
  void observe(SessionObserver* observer) {
    observer_ = observer;
    calls_.observe(observer);
  }
  Standing standing() const;
  Wait waits_for() const;  // what its deadline is about

  const Service& service() const { return service_; }
  CloseReason reason() const { return ending_.reason(); }
  const SessionCounters& counters() const { return counters_; }

 private:
  // Messages.
  void serve();
  bool take_message();
  bool may_begin_call();
  bool has_all_messages() const {
    return counters_.messages_received >= service_.limits.messages_per_connection;
  }
  void call_handler(std::string_view message);
  void deliver_calls();
  void apply(const CallEffect& effect);

  // Time.
  enum class Waits : std::uint8_t {
    for_nothing,
    for_call,
    for_output,   // to be taken
    for_message,  // the rest of one that has begun
    for_input,    // a first byte, or the next message
    for_drain,
    for_client_end,  // lingering
  };
  Waits waits() const;
  void keep_time(Instant now, bool served);
  void expire(Instant now);
  bool must_ask_what_is_taken(Instant now) const;
  void expire_output(Instant now);
  void note_taken(const Taken& taken, Instant now);
  bool owes() const { return sending_.owes(!output_.empty()); }
  SendTimer::Sent sent() const;
  Instant linger_deadline() const;
  Duration linger_idle() const;

  // The end.
  void settle();
  void close(CloseReason reason);
  void cut(CloseReason reason);
  void end_for_memory();
  void refuse_memory(std::uint64_t held_bytes);

  const Service& service_;
  SessionObserver* observer_ = nullptr;
  SessionCounters counters_;
  Input input_;
  Output output_;
  Calls calls_;
  SendTimer sending_;
  ReceiveTimer receiving_;
  Drain drain_;
  Ending ending_;
  Instant now_;        // of the turn; inline calls move it on
  bool busy_ = false;  // messages are left for the next turn
  bool wants_taken_ = false;
  bool held_back_ = false;            // not read, because all connections together hold too much
  bool must_end_for_memory_ = false;  // likewise, and this one has to end
};

}  // namespace asyncd
