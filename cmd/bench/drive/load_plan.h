// LoadPlan: what a load is to be: how many clients there are, and when they send. Plain value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cmd/bench/drive/chaos.h"
#include "core/base/clock.h"

namespace asyncd::bench {

struct Ramp {
  std::uint64_t from = 0, to = 0;
  Duration over{};
};

struct LoadPlan {
  std::uint64_t connections = 1;
  std::uint64_t depth = 1;               // messages under way on each
  Duration think_least{}, think_most{};  // before each message of a closed loop
  double rate = 0;                       // messages a second: an open loop; 0: a closed one
  bool poisson = false;
  bool one_shot = false;   // a connection for each message
  std::uint64_t idle = 0;  // silent connections besides
  std::optional<Ramp> ramp;
  ChaosPlan chaos;
  Duration warmup{};
  Duration duration = unlimited_time;  // of measuring; unlimited only with `requests`
  std::uint64_t requests = 0;          // ends after so many; 0: by time alone
  Duration timeout = std::chrono::seconds(10);
  std::uint64_t seed = 1;

  bool is_open_loop() const { return rate > 0; }
  bool thinks() const { return think_most.count() != 0; }
  // At once, those that misbehave among them.
  std::uint64_t most_connections() const {
    return std::max(connections, ramp ? ramp->to : 0) + idle;
  }
};

}  // namespace asyncd::bench
