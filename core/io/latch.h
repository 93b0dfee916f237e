// Latch: how a backend's threads learn that the end has come. Only ever goes forward; any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace asyncd {

class Latch {
 public:
  enum class Phase : std::uint8_t { serving, draining, stopping };

  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  bool draining() const { return phase() != Phase::serving; }
  bool stopping() const { return phase() == Phase::stopping; }

  void advance(Phase to) {
    Phase now = phase_.load();
    while (now < to && !phase_.compare_exchange_weak(now, to)) {
    }
  }

 private:
  std::atomic<Phase> phase_{Phase::serving};
};

}  // namespace asyncd
