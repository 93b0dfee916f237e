#include "core/session/send_timer.h"

#include "core/session/rate.h"

namespace asyncd {

namespace {

constexpr int looks = 10;  // while write_timeout runs, so it is over a tenth too late at most

// A rate is judged over no less than such a piece takes at that rate: systems move much at a time.
constexpr std::uint64_t rate_piece = 64 << 10;

}  // namespace

void SendTimer::begin(Instant now) {
  since_ = rate_since_ = now;
  too_slow_ = knows_rate_taken_ = false;
}

void SendTimer::on_sent(Instant now) {
  // Output that begins to wait does so from now on: the hook that made it may have taken long.
  if (look_after_ < since_) since_ = rate_since_ = std::max(since_, now);
  // The system has taken it, which tells little of the client.
  look_after_ = std::max(look_after_, now);
}

bool SendTimer::wants_taken(const Sent& sent) const {
  return (sent.has_unsent && limits_.min_send_rate != 0) || sent.bytes != taken_;
}

bool SendTimer::on_taken(const Taken& taken, const Sent& sent, Instant now) {
  const bool moved = taken.bytes > taken_;
  // A look that comes late tells nothing of the client's rate: something else has held up this
  // thread.
  if (now - looked_at_ > 2 * rate_look) knows_rate_taken_ = false;
  looked_at_ = look_after_ = now;
  taken_ = std::min(std::max(taken_, taken.bytes), sent.bytes);
  if (sent.has_unsent) {
    if (moved) since_ = now;
    judge_rate(now);
    return moved;
  }
  const bool still = sent.is_last ? taken.held : taken_ != sent.bytes;
  const bool done = still_taking_ && !still;
  if (done || (still && (moved || !still_taking_))) since_ = now;
  still_taking_ = still;
  return done;
}

void SendTimer::judge_rate(Instant now) {
  const std::uint64_t rate = limits_.min_send_rate;
  if (rate == 0) return;
  const Duration passed = now - rate_since_;
  if (knows_rate_taken_) {
    if (passed < std::max(rate_grace, time_of(rate_piece, rate))) return;
    too_slow_ = time_of(taken_ - rate_taken_, rate) < passed;
  }
  knows_rate_taken_ = true;
  rate_since_ = now;
  rate_taken_ = taken_;
}

Instant SendTimer::deadline(const Sent& sent) const {
  if (too_slow_) return looked_at_;
  Instant look = never;
  if (sent.bytes != taken_)
    look = after(std::max(look_after_, since_), limits_.write_timeout / looks);
  if (limits_.min_send_rate != 0 && sent.has_unsent)
    look = std::min(look, after(std::max(looked_at_, rate_since_), rate_look));
  return std::min(after(since_, limits_.write_timeout), look);
}

CloseReason SendTimer::late(Instant now) const {
  if (now >= after(since_, limits_.write_timeout)) return CloseReason::write_timeout;
  return too_slow_ ? CloseReason::send_rate : CloseReason::none;
}

}  // namespace asyncd
