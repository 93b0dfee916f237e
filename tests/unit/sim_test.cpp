// Drivers and sessions in a simulated world, under whatever a seed makes of it.
#include <gtest/gtest.h>

#include <string>

#include "sim_scenario.h"
#include "tests/support/seeds.h"

namespace {

using asyncd::test::for_each_seed;
using sim::Scenario;

TEST(Sim, EveryClientGetsWhatItShould) {
  for_each_seed(10'000, [](std::uint64_t seed) { sim::check(sim::make_scenario(seed)); });
}

TEST(Sim, EveryOperationMayFail) {
  for_each_seed(60, [](std::uint64_t seed) {
    const Scenario scenario = sim::make_scenario(seed);
    const std::uint64_t steps = sim::check(scenario).operations;
    for (std::uint64_t step = 1; step <= steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("operation " + std::to_string(step));
      sim::check(scenario, {.operation = step});
    }
  });
}

TEST(Sim, EveryAllocationMayFail) {
  for_each_seed(60, [](std::uint64_t seed) {
    const Scenario scenario = sim::make_scenario(seed);
    const std::uint64_t steps = sim::check(scenario).allocations;
    for (std::uint64_t step = 1; step <= steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("allocation " + std::to_string(step));
      sim::check(scenario, {.allocation = step});
    }
  });
}

}  // namespace
