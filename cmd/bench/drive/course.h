// Course: which part of its run a load is in, and since when. Load writes it; its parts read it.
#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace asyncd::bench {

enum class RunPhase : std::uint8_t { connecting, warming, measuring, finishing, over };

struct Course {
  RunPhase phase = RunPhase::connecting;
  Instant began{};  // the phase

  void enter(RunPhase next, Instant now) {
    phase = next;
    began = now;
  }
};

}  // namespace asyncd::bench
