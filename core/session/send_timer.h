// SendTimer: how long a session waits for its client to take output: write_timeout, and
// min_send_rate.
//
// Output moves when the client takes it, not when the system takes it from us: the system has room
// for a while, and then none until the client has taken much. So before a time is over for want of
// movement, the session asks what the client has taken (on_taken); while output is stuck, every
// tenth of write_timeout. Nothing of that is done as long as output goes out at once. Belongs to
// the session's thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"
#include "core/base/taken.h"
#include "core/session/close_reason.h"
#include "core/session/limits.h"

namespace asyncd {

class SendTimer {
 public:
  // What of a session's output it is asked about.
  struct Sent {
    std::uint64_t bytes = 0;  // in all
    bool has_unsent = false;
    bool is_last = false;  // nothing will follow, because our side is shut
  };

  SendTimer(const Limits& limits, Instant now) : limits_(limits), since_(now), rate_since_(now) {}

  void begin(Instant now);  // output begins to wait
  void on_sent(Instant now);
  void restart(Instant now) { since_ = now; }
  void on_shut(Instant now) {  // all is sent
    since_ = now;
    still_taking_ = false;
  }

  // True: the client has moved meanwhile, so it is not idle either.
  bool on_taken(const Taken& taken, const Sent& sent, Instant now);
  bool wants_taken(const Sent& sent) const;  // before the time is over
  bool has_looked(Instant now) const { return looked_at_ == now; }

  // The client owes: output is unsent, or the system has some of it still.
  bool owes(bool has_unsent) const { return has_unsent || still_taking_; }
  bool still_taking() const { return still_taking_; }
  void stop_waiting() { still_taking_ = false; }

  Instant deadline(const Sent& sent) const;  // when to look at it, or to give it up
  CloseReason late(Instant now) const;       // then; none: the client may go on
  Instant linger_deadline() const { return after(since_, limits_.linger_timeout); }

 private:
  void judge_rate(Instant now);

  const Limits& limits_;
  Instant since_;                 // the client last took some; at the end: since all was taken
  std::uint64_t taken_ = 0;       // of all bytes sent, by the client
  Instant looked_at_{};           // when that was asked
  Instant look_after_{};          // then, or when output last moved
  Instant rate_since_;            // with min_send_rate: since then output has been waiting ...
  std::uint64_t rate_taken_ = 0;  // ... and so much had been taken, once that is known
  bool knows_rate_taken_ = false;
  bool still_taking_ = false;  // nothing is unsent, but the system has some of it still
  bool too_slow_ = false;
};

}  // namespace asyncd
