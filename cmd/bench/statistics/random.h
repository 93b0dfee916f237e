// Random: chance with a seed, quick and the same on every system (SplitMix64). One owner.
#pragma once

#include <cmath>
#include <cstdint>

namespace asyncd::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  // Below `bound`, which is not 0. Its tiny preference for some numbers does not matter here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  // From 0 up to, but without, 1.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // Waiting times of what comes by chance, with the mean 1.
  double exponential() { return -std::log1p(-unit()); }

 private:
  std::uint64_t state_;
};

}  // namespace asyncd::bench
