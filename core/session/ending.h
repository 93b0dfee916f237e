// Ending: how far a connection is on its way to its end, and why it ends.
//
// open: messages are answered. flushing: what was replied goes out. lingering: our side is shut and
// input is discarded, because closing a socket with unread input makes TCP destroy the last reply.
// finished: the socket may be closed. Belongs to the session's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/session/close_reason.h"

namespace asyncd {

class Ending {
 public:
  enum class State : std::uint8_t { open, flushing, lingering, finished };
  enum class Event : std::uint8_t {
    close,         // there is a reason to end in order
    output_shut,   // all output has gone, and our side has been shut
    client_ended,  // the client's end has come, and all output has gone
    linger_over,   // the client has had its time to take what it was sent
    cut,           // the connection cannot go on: failed, too late, or stopped
  };
  static constexpr std::size_t state_count = 4;
  static constexpr std::size_t event_count = 5;

  // The whole of it. An event that a state does not wait for leaves the state as it is.
  static constexpr State after(State state, Event event) {
    using enum State;
    // In the order of Event.
    constexpr std::array<std::array<State, event_count>, state_count> table = {{
        /* open      */ {flushing, open, open, open, finished},
        /* flushing  */ {flushing, lingering, finished, flushing, finished},
        /* lingering */ {lingering, lingering, finished, finished, finished},
        /* finished  */ {finished, finished, finished, finished, finished},
    }};
    return table[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
  }

  State state() const { return state_; }
  bool is_open() const { return state_ == State::open; }
  bool is_finished() const { return state_ == State::finished; }
  CloseReason reason() const { return reason_; }
  bool cut_off() const { return cut_off_; }  // the client must not take the end for a clean one

  void on(Event event) { state_ = after(state_, event); }
  void close(CloseReason reason) {
    reason_ = reason;
    on(Event::close);
  }
  // `unsent`: output is lost. `unanswered`: messages are. The reason for which it was to end in
  // order stays, unless output is lost.
  void cut(CloseReason reason, bool unsent, bool unanswered) {
    cut_off_ = cut_off_ || unsent || (is_open() && unanswered);
    if (reason_ == CloseReason::none || unsent) reason_ = reason;
    on(Event::cut);
  }
  void mark_cut_off() { cut_off_ = true; }  // a reply breaks off

 private:
  State state_ = State::open;
  CloseReason reason_ = CloseReason::none;
  bool cut_off_ = false;
};

}  // namespace asyncd
