// Histogram: how often each time was seen, exact to three significant digits, whatever its size.
// Its cells are those of an HDR histogram: below 2,048 ns each value has one, and from there on
// each doubling has 1,024 of them. Recording costs a few instructions and no memory. One owner.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/clock.h"

namespace asyncd::bench {

// So many samples beyond a percentile are needed to rely on it; with fewer it is shown with a star.
inline constexpr std::uint64_t least_beyond = 1000;

class Histogram {
 public:
  Histogram();

  void record(Duration time) {
    const auto value = static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count());
    ++cells_[cell_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    if (value > max_) max_ = value;
    if (value < min_) min_ = value;
  }

  void merge(const Histogram& other);
  void add(Duration time, std::uint64_t count);  // so many at once
  void clear();

  std::uint64_t count() const { return count_; }
  Duration min() const { return Duration(count_ != 0 ? min_ : 0); }
  Duration max() const { return Duration(max_); }
  Duration mean() const;

  // The time that `percent` of all do not exceed: the nearest rank, and of its cell the upper end.
  // 0 without samples.
  Duration percentile(double percent) const;
  // How many are beyond that rank: what a percentile rests on.
  std::uint64_t beyond(double percent) const;
  bool rests_on_few(double percent) const { return beyond(percent) < least_beyond; }

  // Each cell that is not empty: its upper end, and its count.
  std::vector<std::pair<Duration, std::uint64_t>> cells() const;

 private:
  static std::size_t cell_of(std::uint64_t value);
  static std::uint64_t upper_end(std::size_t cell);
  std::uint64_t rank(double percent) const;

  std::vector<std::uint64_t> cells_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t min_ = UINT64_MAX;
};

}  // namespace asyncd::bench
