// A simulation as a whole: what a seed makes of framing, limits, clients and the loop's style, and the check of all
// that must hold after it has run.
#pragma once

#include <cstdint>
#include <vector>

#include "core/session/framing.h"
#include "core/session/limits.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_peer.h"

namespace sim {

struct Client {
  asyncd::test::SimPeer::Script script;
  bool calm = false;  // ends by itself, in time, and takes what it gets: it must get everything
};

struct Scenario {
  std::uint64_t seed = 0;
  asyncd::Framing framing;
  asyncd::Limits limits;
  asyncd::test::SimLoop::Style style;
  std::vector<Client> clients;
  bool refuses = false;  // the handler wants no connection
  asyncd::Instant drain = asyncd::never;
  asyncd::Instant stop = asyncd::never;
};
Scenario make_scenario(std::uint64_t seed);

// Runs it and expects everything that must hold. The operation, or allocation, of this number is made to fail; 0: none.
struct Faults {
  std::uint64_t operation = 0;
  std::uint64_t allocation = 0;
};
struct Steps {
  std::uint64_t operations = 0;
  std::uint64_t allocations = 0;
};
Steps check(const Scenario& scenario, const Faults& faults = {});

}  // namespace sim
