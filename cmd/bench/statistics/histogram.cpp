#include "cmd/bench/statistics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace asyncd::bench {

namespace {

// cells of one value each below 2^11
constexpr unsigned fine_bits = 11;
constexpr std::size_t half = std::size_t{1} << (fine_bits - 1);  // cells of each doubling beyond
// more than a day; beyond, all share the last cell
constexpr unsigned most_bits = 47;
constexpr std::uint64_t most = (std::uint64_t{1} << most_bits) - 1;

}  // namespace

std::size_t Histogram::cell_of(std::uint64_t value) {
  value = std::min(value, most);
  const unsigned doublings =
      static_cast<unsigned>(std::bit_width(value | (2 * half - 1))) - fine_bits;
  return doublings * half + static_cast<std::size_t>(value >> doublings);
}

std::uint64_t Histogram::upper_end(std::size_t cell) {
  if (cell < 2 * half) return cell;
  const std::size_t doublings = cell / half - 1;
  return ((cell - doublings * half + 1) << doublings) - 1;
}

Histogram::Histogram() : cells_(cell_of(most) + 1) {}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
  min_ = std::min(min_, other.min_);
}

void Histogram::add(Duration time, std::uint64_t count) {
  if (count == 0) return;
  record(time);
  const std::uint64_t more = count - 1;
  cells_[cell_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count())))] += more;
  count_ += more;
  sum_ += static_cast<double>(time.count()) * static_cast<double>(more);
}

void Histogram::clear() {
  if (count_ == 0) return;
  std::fill(cells_.begin(), cells_.end(), 0);
  count_ = max_ = 0;
  sum_ = 0;
  min_ = UINT64_MAX;
}

Duration Histogram::mean() const {
  return count_ == 0 ? Duration(0) : Duration(std::llround(sum_ / static_cast<double>(count_)));
}

// Counted from 1. What is a whole number on paper must not be rounded up because of its last binary
// digit.
std::uint64_t Histogram::rank(double percent) const {
  const double exact = percent / 100 * static_cast<double>(count_);
  const auto up = static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-12)));
  return std::clamp<std::uint64_t>(up, 1, std::max<std::uint64_t>(count_, 1));
}

Duration Histogram::percentile(double percent) const {
  if (count_ == 0) return Duration(0);
  const std::uint64_t wanted = rank(percent);
  std::uint64_t seen = 0;
  std::size_t cell = 0;
  while ((seen += cells_[cell]) < wanted) ++cell;
  return Duration(std::clamp(upper_end(cell), min_, max_));
}

std::uint64_t Histogram::beyond(double percent) const {
  return count_ == 0 ? 0 : count_ - rank(percent);
}

std::vector<std::pair<Duration, std::uint64_t>> Histogram::cells() const {
  std::vector<std::pair<Duration, std::uint64_t>> result;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell)
    if (cells_[cell] != 0) result.emplace_back(Duration(upper_end(cell)), cells_[cell]);
  return result;
}

}  // namespace asyncd::bench
