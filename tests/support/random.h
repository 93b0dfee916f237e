// Random: the one source of chance in a simulation, so that its seed is all it takes to see the
// same run again, on any machine and with any library. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/clock.h"

namespace asyncd::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64 (Steele, Lea and Flood, 2014).
  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }
  std::size_t between(std::size_t least, std::size_t most) {
    return least + static_cast<std::size_t>(next() % (most - least + 1));
  }
  bool chance(std::size_t percent) { return next() % 100 < percent; }
  Duration time_up_to(Duration most) {
    return Duration(static_cast<Duration::rep>(between(0, static_cast<std::size_t>(most.count()))));
  }

 private:
  std::uint64_t state_;
};

}  // namespace asyncd::test
