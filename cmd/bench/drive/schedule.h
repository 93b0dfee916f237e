// Schedule: the moments at which an open loop means to send, whatever the server does. One owner.
#pragma once

#include "cmd/bench/statistics/random.h"
#include "core/base/clock.h"

namespace asyncd::bench {

class Schedule {
 public:
  // `rate` messages a second on the average, at equal distances, or by chance (poisson).
  Schedule(double rate, bool poisson, std::uint64_t seed)
      : interval_(1e9 / rate), poisson_(poisson), random_(seed) {}

  void start(Instant now) {
    start_ = now;
    offset_ = 0;
  }

  Instant next() const { return start_ + Duration(static_cast<std::int64_t>(offset_)); }

  Instant take() {
    const Instant moment = next();
    // As a sum of doubles: after a day it is still right to the nanosecond.
    offset_ += poisson_ ? interval_ * random_.exponential() : interval_;
    return moment;
  }

 private:
  const double interval_;  // in ns
  const bool poisson_;
  Random random_;
  Instant start_{};
  double offset_ = 0;  // in ns
};

}  // namespace asyncd::bench
