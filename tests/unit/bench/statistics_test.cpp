// What a few repeated measurements say: on made-up ones, whose truth is known.
#include <gtest/gtest.h>

#include <cmath>

#include "cmd/bench/show/matrix_output.h"
#include "tests/support/seeds.h"

namespace asyncd::bench {

namespace {

// About 100, give or take 3 %.
std::vector<double> noisy(Random& random, std::size_t count, double mean = 100) {
  std::vector<double> samples(count);
  for (double& sample : samples) {
    double sum = 0;  // of twelve: nearly a normal one
    for (int i = 0; i < 12; ++i) sum += random.unit();
    sample = mean * (1 + 0.03 * (sum - 6));
  }
  return samples;
}

const int trials = static_cast<int>(test::as_time_allows(400, 100));

TEST(Statistics, MediansAreThoseOfTheMiddle) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({4, 1, 9}), 4);
  EXPECT_EQ(median({4, 1, 9, 5}), 4.5);
}

TEST(Statistics, IntervalsHoldTheTruthNearlyAlways) {
  Random random(1);
  int held = 0;
  for (int i = 0; i < trials; ++i) {
    const std::vector<double> samples = noisy(random, 10);
    const Interval interval = interval_of_median(samples, random);
    EXPECT_LE(interval.low, interval.middle);
    EXPECT_LE(interval.middle, interval.high);
    if (interval.low <= 100 && 100 <= interval.high) ++held;
  }
  EXPECT_GE(held, trials * 90 / 100);
}

TEST(Statistics, WhatIsAlikeIsSeldomSaidToDiffer) {
  Random random(2);
  for (const std::size_t count : {5, 10, 20}) {
    int wrong = 0;
    for (int i = 0; i < trials; ++i) {
      const Interval ratio = interval_of_ratio(noisy(random, count), noisy(random, count), random);
      if (shows_difference(ratio, count, 1.005)) ++wrong;
    }
    EXPECT_LE(wrong, trials / 10) << count;
  }
}

// In a matrix the fastest of several is compared with each of the others, so chance has as many
// goes; the noise, which is measured by two that are alike, must make up for it. Returns in how
// many of all cells a difference was shown between the fastest and another one, where the last of
// `servers` is slower by a part.
double shown_by_matrix(std::size_t servers, std::size_t count, double slower) {
  const int cells = static_cast<int>(test::as_time_allows(200, 50));
  Random random(7);
  int shown = 0;
  for (int i = 0; i < cells; ++i) {
    Matrix matrix;
    matrix.seed = static_cast<std::uint64_t>(i);
    matrix.same = interval_of_ratio(noisy(random, count), noisy(random, count), random);
    Cell& cell = matrix.cells.emplace_back();
    for (std::size_t server = 0; server < servers; ++server)
      cell.results.push_back(
          {.rates = noisy(random, count, server + 1 == servers ? 100 * (1 - slower) : 100)});
    compare_cells(matrix);
    if (matrix_table(matrix).find("x faster [") != std::string::npos) ++shown;
  }
  return double(shown) / cells;
}

TEST(Statistics, TheBestOfManyThatAreAlikeIsSeldomSaidToBeFaster) {
  for (const std::size_t count : {5, 10}) EXPECT_LE(shown_by_matrix(5, count, 0), 0.08) << count;
}

TEST(Statistics, TenPercentAreFoundInAMatrix) { EXPECT_GE(shown_by_matrix(2, 10, 0.1), 0.95); }

TEST(Statistics, TenPercentAreFound) {
  Random random(3);
  int found = 0;
  for (int i = 0; i < trials; ++i) {
    const Interval ratio = interval_of_ratio(noisy(random, 10), noisy(random, 10, 110), random);
    if (shows_difference(ratio, 10, 1.02) && ratio.middle < 1) ++found;
  }
  EXPECT_GE(found, trials * 95 / 100);
}

// What disturbs both servers of a pair alike is no difference, and hides none.
TEST(Statistics, PairsAreComparedWithEachOther) {
  Random random(4);
  std::vector<double> one, other;
  for (int i = 0; i < 10; ++i) {
    const double disturbed = 0.5 + random.unit();
    one.push_back(110 * disturbed);
    other.push_back(100 * disturbed);
  }
  const Interval ratio = interval_of_ratio(one, other, random);
  EXPECT_NEAR(ratio.low, 1.1, 1e-9);
  EXPECT_NEAR(ratio.high, 1.1, 1e-9);
  EXPECT_FALSE(shows_difference(interval_of_median_ratio(one, other, random), 10, 1));
}

TEST(Statistics, ARatioToNothingHasNoEnd) {
  Random random(8);
  const std::vector<double> steady(5, 100), halting{100, 0, 100, 0, 100};
  const Interval ratio = interval_of_median_ratio(steady, halting, random);
  EXPECT_EQ(ratio.middle, 1);
  EXPECT_TRUE(std::isinf(ratio.high));
  EXPECT_EQ(interval_of_median_ratio(halting, halting, random).middle, 1);
}

TEST(Statistics, NothingIsSaidOfFewSamplesOrLessThanNoise) {
  const Interval clear{1.2, 1.3, 1.4};
  EXPECT_TRUE(shows_difference(clear, least_samples, 1));
  EXPECT_FALSE(shows_difference(clear, least_samples - 1, 1));
  EXPECT_TRUE(shows_difference(clear, 10, 1.29));
  EXPECT_FALSE(shows_difference(clear, 10, 1.31));
  EXPECT_FALSE(shows_difference(clear, 10, 1 / 1.31));
  EXPECT_FALSE(shows_difference({0.9, 1.3, 1.4}, 10, 1));
  EXPECT_TRUE(shows_difference({0.7, 0.8, 0.9}, 10, 1));
}

TEST(Statistics, TheSameSeedSaysTheSame) {
  Random chance(5);
  const std::vector<double> samples = noisy(chance, 7);
  Random one(6), other(6);
  EXPECT_EQ(interval_of_median(samples, one).low, interval_of_median(samples, other).low);
}

}  // namespace

}  // namespace asyncd::bench
