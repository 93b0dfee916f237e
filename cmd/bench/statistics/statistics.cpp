#include "cmd/bench/statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace asyncd::bench {

namespace {

constexpr std::size_t draws = 2000;

// Of `draw()`, which draws once; around `middle`.
template <class Draw>
Interval interval_around(double middle, Draw draw) {
  std::vector<double> drawn(draws);
  for (double& one : drawn) one = draw();
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double part) { return drawn[static_cast<std::size_t>(part * (draws - 1))]; };
  return {at(0.025), middle, at(0.975)};
}

double median_of_draw(std::span<const double> samples, Random& random) {
  std::vector<double> drawn(samples.size());
  for (double& one : drawn) one = samples[random.below(samples.size())];
  return median(std::move(drawn));
}

double ratio_of(double one, double other) { return one == 0 && other == 0 ? 1 : one / other; }

}  // namespace

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const std::size_t half = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
}

Interval interval_of_median(std::span<const double> samples, Random& random) {
  if (samples.empty()) return {};
  return interval_around(median({samples.begin(), samples.end()}),
                         [&] { return median_of_draw(samples, random); });
}

Interval interval_of_ratio(std::span<const double> one, std::span<const double> other,
                           Random& random) {
  std::vector<double> ratios(one.size());
  std::transform(one.begin(), one.end(), other.begin(), ratios.begin(), std::divides());
  return ratios.empty() ? Interval{1, 1, 1} : interval_of_median(ratios, random);
}

Interval interval_of_median_ratio(std::span<const double> one, std::span<const double> other,
                                  Random& random) {
  if (one.empty() || other.empty()) return {1, 1, 1};
  const double middle =
      ratio_of(median({one.begin(), one.end()}), median({other.begin(), other.end()}));
  return interval_around(
      middle, [&] { return ratio_of(median_of_draw(one, random), median_of_draw(other, random)); });
}

bool shows_difference(const Interval& ratio, std::size_t samples, double noise) {
  if (samples < least_samples || (ratio.low <= 1 && ratio.high >= 1)) return false;
  return std::abs(std::log(ratio.middle)) > std::abs(std::log(noise));
}

}  // namespace asyncd::bench
