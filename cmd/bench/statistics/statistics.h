// Statistics: what a few repeated measurements say, and what two series of them say of each other.
// Intervals hold the true median with 95 %, by the bootstrap (Efron, 1979): the same samples are
// drawn again and again, with replacement. Pure functions.
#pragma once

#include <span>
#include <vector>

#include "cmd/bench/statistics/random.h"

namespace asyncd::bench {

struct Interval {
  double low = 0, middle = 0, high = 0;
};

double median(std::vector<double> samples);  // 0 without any

Interval interval_of_median(std::span<const double> samples, Random& random);

// Of one[i] / other[i], which were measured side by side: what disturbs both cancels out. As many
// of one as of other, all of them more than 0.
Interval interval_of_ratio(std::span<const double> one, std::span<const double> other,
                           Random& random);

// Of the medians, where nothing ties the samples together. They are more than 0; single samples may
// be 0, so that there may be no end to the interval.
Interval interval_of_median_ratio(std::span<const double> one, std::span<const double> other,
                                  Random& random);

// Of fewer, no difference can be told from chance.
inline constexpr std::size_t least_samples = 5;

// Whether the ratio differs from 1: not only by chance, and by more than `noise`, the ratio (or its
// inverse) that two series may have which are known to be alike.
bool shows_difference(const Interval& ratio, std::size_t samples, double noise);

}  // namespace asyncd::bench
