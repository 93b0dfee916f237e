#include "cmd/bench/drive/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace asyncd;
using bench::Schedule;

namespace {

TEST(Schedule, AConstantRateKeepsItsDistance) {
  Schedule schedule(2000, false, 1);
  const Instant start = Instant() + std::chrono::hours(5);
  schedule.start(start);
  for (int i = 0; i < 100'000; ++i)
    EXPECT_EQ(schedule.take(), start + std::chrono::microseconds(500) * i);
}

TEST(Schedule, ARateThatDividesNothingDoesNotDrift) {
  Schedule schedule(3, false, 1);
  schedule.start(Instant());
  for (int i = 0; i < 3 * 86'400; ++i) schedule.take();
  EXPECT_NEAR(std::chrono::duration<double>(schedule.next() - Instant()).count(), 86'400, 1e-6);
}

TEST(Schedule, ArrivalsByChanceHaveTheirMeanAndSpread) {
  Schedule schedule(1000, true, 42);
  schedule.start(Instant());
  double sum = 0, squares = 0;
  constexpr int count = 200'000;
  for (int i = 0; i < count; ++i) {
    const Instant before = schedule.take();
    const double gap = std::chrono::duration<double, std::milli>(schedule.next() - before).count();
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 1, 0.01);
  // of this distribution it is the mean
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 1, 0.02);
}

TEST(Schedule, TheSameSeedIsTheSameChance) {
  Schedule first(1000, true, 5), second(1000, true, 5), other(1000, true, 6);
  for (Schedule* schedule : {&first, &second, &other}) {
    schedule->start(Instant());
    schedule->take();
  }
  EXPECT_EQ(first.next(), second.next());
  EXPECT_NE(first.next(), other.next());
}

}  // namespace
