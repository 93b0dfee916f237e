// Drivers and sessions in a simulated world, under whatever a seed makes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "sim_scenario.h"
#include "tests/support/seeds.h"

namespace {

using asyncd::test::for_each_seed;
using sim::Scenario;

constexpr std::uint64_t seed_count = 10'000;

// And all of them together come to everything that a network does.
TEST(Sim, EveryClientGetsWhatItShould) {
  std::array<std::uint64_t, sim::sight_count> sum{};
  const std::uint64_t run = for_each_seed(seed_count, [&](std::uint64_t seed) {
    const sim::Outcome outcome = sim::check(sim::make_scenario(seed));
    std::transform(sum.begin(), sum.end(), outcome.sights.begin(), sum.begin(), std::plus<>());
  });
  if (run < seed_count) return;
  for (std::size_t sight = 0; sight < sum.size(); ++sight) EXPECT_GE(sum[sight], 10U) << "sight " << sight;
}

TEST(Sim, ASeedReplaysExactly) {
  for_each_seed(300, [](std::uint64_t seed) {
    const std::uint64_t digest = sim::check(sim::make_scenario(seed)).digest;
    EXPECT_EQ(sim::check(sim::make_scenario(seed)).digest, digest);
  });
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
