// How --find-rate goes from rate to rate, with servers whose truth is known.
#include <gtest/gtest.h>

#include "cmd/bench/judge/rate_search.h"

namespace asyncd::bench {

namespace {

struct Server {
  double reached = 0;   // by a closed loop
  double capacity = 0;  // the condition holds up to here
  int refusals = 0;     // so many runs of full length are spoilt by others
};

struct Found {
  std::optional<double> rate;
  int steps = 0, runs = 0;
};

Found search_on(Server server) {
  Found found;
  RateSearch search(server.reached);
  while (!search.over()) {
    bool good = search.rate() <= server.capacity;
    ++(search.confirms() ? found.runs : found.steps);
    if (search.confirms()) good = good && found.runs > server.refusals;
    search.on_result(good);
  }
  found.rate = search.found();
  return found;
}

TEST(RateSearch, FindsWhatAServerCanDo) {
  for (const double capacity : {1.0, 37.0, 500.0, 999.0, 1000.0, 1049.0}) {
    const Found found = search_on({.reached = 1000, .capacity = capacity});
    ASSERT_TRUE(found.rate) << capacity;
    EXPECT_LE(*found.rate, capacity);
    EXPECT_GE(*found.rate, capacity * (1 - RateSearch::close_enough) - 1) << capacity;
    EXPECT_LE(found.steps, RateSearch::most_steps);
    EXPECT_EQ(found.runs, 1);
  }
}

TEST(RateSearch, GoesDownFurtherEachTimeAFullRunRefuses) {
  const double rate = *search_on({.reached = 1000, .capacity = 1000}).rate;
  const double expected[] = {1, 0.95, 0.95 * 0.9, 0.95 * 0.9 * 0.8, 0.95 * 0.9 * 0.8 * 0.6};
  for (int refusals = 0; refusals < RateSearch::most_runs; ++refusals) {
    const Found found = search_on({.reached = 1000, .capacity = 1000, .refusals = refusals});
    ASSERT_TRUE(found.rate) << refusals;
    EXPECT_DOUBLE_EQ(*found.rate, rate * expected[refusals]);
    EXPECT_EQ(found.runs, refusals + 1);
  }
}

TEST(RateSearch, EndsWhereNoFullRunHolds) {
  const Found found =
      search_on({.reached = 1000, .capacity = 1000, .refusals = RateSearch::most_runs});
  EXPECT_FALSE(found.rate);
  EXPECT_EQ(found.runs, RateSearch::most_runs);
}

TEST(RateSearch, EndsWhereNoRateHoldsAtAll) {
  for (const double reached : {1.0, 10.0, 1e6}) {
    const Found found = search_on({.reached = reached, .capacity = 0});
    EXPECT_FALSE(found.rate);
    EXPECT_LE(found.steps, RateSearch::most_steps);
    EXPECT_EQ(found.runs, 0);
  }
}

}  // namespace

}  // namespace asyncd::bench
