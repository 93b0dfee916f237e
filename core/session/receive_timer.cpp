#include "core/session/receive_timer.h"

#include "core/session/rate.h"

namespace asyncd {

Duration ReceiveTimer::limit() const {
  switch (wait_) {
    case Wait::first_byte:
      return limits_.first_byte_timeout;
    case Wait::idle:
      return limits_.idle_timeout;
    case Wait::message:
      break;
  }
  return limits_.message_timeout;
}

Instant ReceiveTimer::deadline(std::size_t unfinished) const {
  return wait_ == Wait::message ? message_deadline(unfinished) : after(since_, limit());
}

Instant ReceiveTimer::message_deadline(std::size_t unfinished) const {
  const Instant whole = after(since_, limits_.message_timeout);
  if (limits_.min_receive_rate == 0) return whole;
  const Duration at_rate = time_of(unfinished, limits_.min_receive_rate);
  return std::min(whole, after(since_, std::max(rate_grace, at_rate)));
}

CloseReason ReceiveTimer::expire(Instant now, std::size_t unfinished) {
  switch (wait_) {
    case Wait::first_byte:
      return CloseReason::first_byte_timeout;
    case Wait::idle:
      return CloseReason::idle_timeout;
    case Wait::message:
      break;
  }
  if (now >= after(since_, limits_.message_timeout)) return CloseReason::message_timeout;
  // Where this thread looks late, more has come than it has read.
  if (const Duration late = now - message_deadline(unfinished); late > rate_look) {
    since_ += late;
    return CloseReason::none;
  }
  return CloseReason::receive_rate;
}

}  // namespace asyncd
