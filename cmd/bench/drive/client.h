// Client: one client of the measured server: its connection, and what is under way on it. Plain
// state, which Connections and Dispatcher change. One thread.
#pragma once

#include <utility>

#include "cmd/bench/exchange/exchange.h"
#include "core/net/connect.h"

namespace asyncd::bench {

struct Client {
  enum class State : std::uint8_t { closed, connecting, open };

  Client(std::size_t number, Exchange made) : index(number), exchange(std::move(made)) {}

  std::size_t index;  // among all clients
  Exchange exchange;
  Socket socket;
  Instant since{};            // began to connect, or failed
  Instant intended{};         // one-shot: when its message was due
  Instant free_since{never};  // never: it is not among the free ones
  unsigned thinking = 0;      // timers that are for it
  unsigned connection = 0;    // counts up, so that timers of an earlier one are known
  State state = State::closed;
  bool silent = false;   // never sends
  bool sending = false;  // waits for room in the system's buffer
  bool replied = false;  // one-shot
  bool heard = false;    // this connection has brought bytes
  // ... or taken messages that get no reply: one message at least is through
  bool served = false;
  bool ill_served = false;  // a reply was wrong, or an error
  bool resumes = false;     // goes on where the connection before has ended
  // the system takes nothing more; what has come before that is read yet
  bool broken = false;
  ReplyStatus status = ReplyStatus::right;

  bool can_send() const { return state == State::open && !exchange.is_full() && !sending; }
};

}  // namespace asyncd::bench
