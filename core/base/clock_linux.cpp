#include <time.h>

#include "core/base/clock.h"

namespace asyncd {

// Clock is CLOCK_MONOTONIC here.
Instant coarse_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return Instant(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace asyncd
