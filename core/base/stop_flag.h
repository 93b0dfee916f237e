// StopFlag: how a backend's threads learn that the end has come. Only ever goes forward; any
// thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/base/clock.h"

namespace asyncd {

class StopFlag {
 public:
  enum class Phase : std::uint8_t {
    serving,
    retired,  // accept no client: another backend accepts those that wait
    // accept only clients that wait already, and end each connection once nothing is under way
    // on it
    draining,
    stopping,  // end every connection now
  };

  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  bool retired() const { return phase() == Phase::retired; }
  bool draining() const { return phase() >= Phase::draining; }
  bool stopping() const { return phase() == Phase::stopping; }
  bool leaving() const { return phase() != Phase::serving; }

  // once it is draining
  Instant drain_began() const { return drain_began_.load(std::memory_order_relaxed); }

  void advance(Phase to) {
    if (to >= Phase::draining && !draining())
      drain_began_.store(Clock::now(), std::memory_order_relaxed);
    Phase now = phase_.load();
    while (now < to && !phase_.compare_exchange_weak(now, to)) {
    }
  }

 private:
  std::atomic<Phase> phase_{Phase::serving};
  std::atomic<Instant> drain_began_{Instant{}};
};

}  // namespace asyncd
