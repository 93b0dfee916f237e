// The one clock of asyncd: monotonic, so that no change of the wall clock moves a deadline.
// What needs no I/O, such as a session, gets the time as an argument and does not read it.
#pragma once

#include <chrono>

namespace asyncd {

using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;
using Duration = std::chrono::nanoseconds;

// A deadline that never comes, and a time limit spelled "unlimited".
inline constexpr Instant never = Instant::max();
inline constexpr Duration unlimited_time = Duration::max();

// The time of Clock, a few milliseconds late at most, but for much less than that costs.
Instant coarse_now();

// `start + wait` without running over the end of time.
inline Instant after(Instant start, Duration wait) {
  return wait >= never - start ? never : start + std::chrono::duration_cast<Clock::duration>(wait);
}

}  // namespace asyncd
