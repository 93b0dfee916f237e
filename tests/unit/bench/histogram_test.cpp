// Against the facts that the HDR histograms of others state of themselves, and against sorted data.
#include "cmd/bench/statistics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cmd/bench/statistics/random.h"
#include "tests/support/seeds.h"

using namespace asyncd;
using bench::Histogram;

namespace {

// What a recorded value is taken for: the upper end of its cell.
std::int64_t seen_as(std::int64_t value) {
  Histogram histogram;
  histogram.record(Duration(value));
  return histogram.cells().front().first.count();
}

TEST(Histogram, ItsCellsAreThoseOfAnHdrHistogramOfThreeDigits) {
  const std::pair<std::int64_t, std::int64_t> highest_equivalent[] = {
      {0, 0},
      {1, 1},
      {2047, 2047},
      {2048, 2049},
      {2500, 2501},
      {4095, 4095},
      {4096, 4099},
      {8180, 8183},
      {8191, 8191},
      {8193, 8199},
      {9995, 9999},
      {10007, 10007},
      {10008, 10015},
      {16384, 16399},
      {1000, 1000},
      {100'000'000, 100'007'935},
      {3'600'000'000'000, 3'601'330'077'695}};
  for (const auto& [value, end] : highest_equivalent) EXPECT_EQ(seen_as(value), end) << value;
}

TEST(Histogram, EachValueIsKeptToThreeDigits) {
  bench::Random random(1);
  for (std::uint64_t i = test::as_time_allows(10'000); i != 0; --i) {
    const auto value = static_cast<std::int64_t>(random.next() >> (18 + random.below(45)));
    const std::int64_t seen = seen_as(value);
    EXPECT_GE(seen, value);
    EXPECT_LE(static_cast<double>(seen - value), static_cast<double>(value) / 1000) << value;
  }
}

// One long pause among many short times, as the data of the HDR histograms' own tests has it.
TEST(Histogram, OneLongTimeAmongManyShortOnes) {
  Histogram histogram;
  histogram.add(Duration(1000), 10'000);
  histogram.record(Duration(100'000'000));
  EXPECT_EQ(histogram.count(), 10'001U);
  for (const double percent : {30.0, 99.0, 99.99})
    EXPECT_EQ(histogram.percentile(percent).count(), 1000) << percent;
  for (const double percent : {99.999, 100.0})
    EXPECT_EQ(histogram.percentile(percent).count(), 100'000'000) << percent;
  EXPECT_EQ(histogram.mean().count(), 10'999);  // (10,000 * 1,000 + 100,000,000) / 10,001, rounded
  EXPECT_EQ(histogram.max().count(), 100'000'000);
  EXPECT_EQ(histogram.min().count(), 1000);
}

std::int64_t draw(bench::Random& random, int shape) {
  switch (shape) {
    case 0:
      return static_cast<std::int64_t>(random.below(1'000'000));
    case 1:
      return static_cast<std::int64_t>(random.exponential() * 50'000);
    case 2:
      return static_cast<std::int64_t>(
          std::exp(4 + 3 * random.unit() + 3 * random.unit() + 3 * random.unit()));
    default:
      return random.below(100) == 0 ? 5'000'000'000 : 42;
  }
}

TEST(Histogram, PercentilesAreTheNearestRanksOfSortedData) {
  bench::Random random(7);
  for (int shape = 0; shape < 4; ++shape)
    for (const std::size_t count : {1U, 2U, 99U, 1000U, 12'345U}) {
      Histogram histogram;
      std::vector<std::int64_t> values;
      for (std::size_t i = 0; i < count; ++i) {
        values.push_back(draw(random, shape));
        histogram.record(Duration(values.back()));
      }
      std::sort(values.begin(), values.end());
      for (const double percent : {0.1, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
        const auto rank =
            static_cast<std::size_t>(std::ceil(percent * static_cast<double>(count) / 100 - 1e-9));
        const std::int64_t exact = values[std::max<std::size_t>(rank, 1) - 1];
        const std::int64_t found = histogram.percentile(percent).count();
        EXPECT_GE(found, exact) << shape << ' ' << count << ' ' << percent;
        EXPECT_LE(static_cast<double>(found - exact), static_cast<double>(exact) / 1000);
        EXPECT_EQ(histogram.beyond(percent), count - std::max<std::size_t>(rank, 1));
      }
    }
}

TEST(Histogram, MergedHistogramsAreOneOfAllTheValues) {
  bench::Random random(3);
  Histogram whole, first, second;
  for (int i = 0; i < 10'000; ++i) {
    const Duration value(draw(random, i % 4));
    whole.record(value);
    (i % 3 == 0 ? first : second).record(value);
  }
  first.merge(second);
  EXPECT_EQ(first.cells(), whole.cells());
  EXPECT_EQ(first.count(), whole.count());
  EXPECT_EQ(first.max(), whole.max());
  EXPECT_EQ(first.min(), whole.min());
  EXPECT_EQ(first.mean(), whole.mean());
}

TEST(Histogram, NothingIsNothing) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(99).count(), 0);
  EXPECT_EQ(histogram.mean().count(), 0);
  EXPECT_EQ(histogram.min().count(), 0);
  EXPECT_EQ(histogram.beyond(50), 0U);
  histogram.record(Duration(-5));  // clocks of several cores
  EXPECT_EQ(histogram.max().count(), 0);
  histogram.clear();
  EXPECT_TRUE(histogram.cells().empty());
}

}  // namespace
