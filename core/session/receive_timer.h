// ReceiveTimer: how long a session waits for its client's input: for the first byte, for the next
// message, for the rest of one that has begun, and at the end for the client's own end. Belongs to
// the session's thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"
#include "core/session/close_reason.h"
#include "core/session/limits.h"

namespace asyncd {

class ReceiveTimer {
 public:
  enum class Wait : std::uint8_t { first_byte, idle, message };

  ReceiveTimer(const Limits& limits, Instant now) : limits_(limits), since_(now) {}

  Wait wait() const { return wait_; }
  bool is_idle() const { return wait_ == Wait::idle; }
  bool is_within_message() const { return wait_ == Wait::message; }

  void restart(Instant now) { since_ = now; }
  // A client that is still taking its reply is not idle yet.
  void postpone(Instant now) { since_ = std::max(since_, now); }
  // What a turn has left to wait for. A message's time runs from its first byte, whatever arrives
  // later, so it begins anew only where `progress` was made or the wait is another one.
  void after_turn(Wait wait, bool progress, Instant now) {
    if (progress || wait != wait_) since_ = now;
    wait_ = wait;
  }

  // When the client has had its time. `unfinished`: bytes of the message that has begun.
  Instant deadline(std::size_t unfinished) const;
  // Then: why the connection is to end; none where the client has earned more time.
  CloseReason expire(Instant now, std::size_t unfinished);
  Duration limit() const;  // of what is waited for

  // Lingering: `idle` since the last input.
  Instant linger_deadline(Duration idle) const { return after(since_, idle); }

 private:
  Instant message_deadline(std::size_t unfinished) const;

  const Limits& limits_;
  Instant since_;  // of the current wait; lingering: the last input
  Wait wait_ = Wait::first_byte;
};

}  // namespace asyncd
