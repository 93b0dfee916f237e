// Drivers and sessions in a simulated world, under whatever a seed makes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "scenario.h"
#include "tests/support/seeds.h"

namespace {

using asyncd::test::for_each_seed;
using sim::Scenario;

// A kind of scenarios, and what they come to all together.
struct Kind {
  const char* name;
  Scenario (*make)(std::uint64_t seed);
  std::uint64_t seeds;
  std::uint64_t failing_seeds;  // of which each step is made to fail
  std::size_t first_sight, end_of_sights;
};

void PrintTo(const Kind& kind, std::ostream* stream) { *stream << kind.name; }

class Sim : public testing::TestWithParam<Kind> {};

// And all of them together come to everything that a network does, and to all that may become of a
// call that waits.
TEST_P(Sim, EveryClientGetsWhatItShould) {
  std::array<std::uint64_t, sim::sight_count> sum{};
  const std::uint64_t run = for_each_seed(GetParam().seeds, [&](std::uint64_t seed) {
    const sim::Outcome outcome = sim::check(GetParam().make(seed));
    std::transform(sum.begin(), sum.end(), outcome.sights.begin(), sum.begin(), std::plus<>());
  });
  if (run < GetParam().seeds) return;
  for (std::size_t sight = GetParam().first_sight; sight < GetParam().end_of_sights; ++sight)
    EXPECT_GE(sum[sight], 10U) << "sight " << sight;
}

TEST_P(Sim, ASeedReplaysExactly) {
  for_each_seed(300, [](std::uint64_t seed) {
    const std::uint64_t digest = sim::check(GetParam().make(seed)).digest;
    EXPECT_EQ(sim::check(GetParam().make(seed)).digest, digest);
  });
}

TEST_P(Sim, EveryOperationMayFail) {
  for_each_seed(GetParam().failing_seeds, [](std::uint64_t seed) {
    const Scenario scenario = GetParam().make(seed);
    const std::uint64_t steps = sim::check(scenario).operations;
    for (std::uint64_t step = 1; step <= steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("operation " + std::to_string(step));
      sim::check(scenario, {.operation = step});
    }
  });
}

// Operations included, within host_submit.
TEST_P(Sim, EveryAllocationMayFail) {
  std::uint64_t in_submit = 0;
  const std::uint64_t run = for_each_seed(GetParam().failing_seeds, [&](std::uint64_t seed) {
    const Scenario scenario = GetParam().make(seed);
    const std::uint64_t steps = sim::check(scenario).allocations;
    for (std::uint64_t step = 1; step <= steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("allocation " + std::to_string(step));
      in_submit += sim::check(scenario, {.allocation = step}).failed_in_submit;
    }
  });
  if (run == GetParam().failing_seeds && GetParam().first_sight != 0) {
    EXPECT_GE(in_submit, 10U);
  }
}

INSTANTIATE_TEST_SUITE_P(Handlers, Sim,
                         testing::Values(Kind{"AtOnce", sim::make_scenario, 10'000, 60, 0,
                                              sim::first_waiting_sight},
                                         Kind{"Waiting", sim::make_waiting_scenario, 20'000, 25,
                                              sim::first_waiting_sight, sim::sight_count}),
                         [](const testing::TestParamInfo<Kind>& one) { return one.param.name; });

}  // namespace
