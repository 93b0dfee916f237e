#include <algorithm>

#include "cmd/bench/judge/matrix.h"

namespace asyncd::bench {

std::uint64_t Matrix::failed() const {
  std::uint64_t all = 0;
  for (const Cell& cell : cells)
    for (const CellResult& result : cell.results) all += result.failed;
  return all;
}

void compare_cells(Matrix& matrix) {
  Random random(matrix.seed);
  for (Cell& cell : matrix.cells) {
    for (CellResult& result : cell.results) result.rate = interval_of_median(result.rates, random);
    cell.pairs.clear();
    for (std::size_t one = 0; one < cell.results.size(); ++one)
      for (std::size_t other = one + 1; other < cell.results.size(); ++other) {
        if (!cell.results[one].comparable() || !cell.results[other].comparable()) continue;
        const auto& these = cell.results[one].rates;
        const auto& those = cell.results[other].rates;
        const std::size_t samples = std::min(these.size(), those.size());
        const Interval ratio =
            interval_of_ratio({these.data(), samples}, {those.data(), samples}, random);
        cell.pairs.push_back({one, other, ratio, shows_difference(ratio, samples, matrix.noise())});
      }
  }
}

}  // namespace asyncd::bench
