// Matrix: one load for several servers that differ in their backend or handler alone, side by side,
// and what that says of them. Plain values, filled by measure_matrix or read back from a file.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "cmd/bench/judge/outcome.h"
#include "cmd/bench/statistics/statistics.h"

namespace asyncd::bench {

// What one server came to in a cell.
struct CellResult {
  std::string variant;        // "select", or "square on select" where there are several handlers
  std::string skipped;        // why there is no figure: it cannot take so many
  std::vector<double> rates;  // of each repeat: messages a second
  Interval rate;              // of their median
  Histogram latency;          // of all repeats
  std::optional<double> cpu_per_message;  // of the server: ns, the median
  std::uint64_t failed = 0;               // of all repeats: messages and connections
  // ... connections that the server ended between messages
  std::uint64_t reopened = 0;
  Validity level = Validity::valid;  // the worst

  // A repeat without a reply has no speed, so there is nothing to hold against another server's.
  bool comparable() const {
    return !rates.empty() &&
           std::all_of(rates.begin(), rates.end(), [](double one) { return one > 0; });
  }
};

// Two of a cell against each other.
struct CellPair {
  std::size_t one = 0, other = 0;
  Interval ratio;      // of their rates
  bool shown = false;  // they differ
};

struct Cell {
  std::uint64_t connections = 1, depth = 1;
  std::vector<CellResult> results;
  std::vector<CellPair> pairs;
};

struct Matrix {
  std::string time;  // of its beginning
  std::vector<std::string> handlers;
  std::string data, load;  // "closed" or "one-shot"
  std::uint64_t repeats = 0, seed = 1;
  Duration duration{};           // of each run; 0: by the number of messages
  std::optional<Interval> same;  // the ratio of two servers that are alike, where it was measured
  std::vector<Cell> cells;
  Build build;
  Facts environment;
  bool partial = false;
  std::optional<Contention> contention;  // the most of any run
  Verdict verdict;

  std::uint64_t failed() const;  // in all cells

  // What a ratio must be above, or its inverse, to be no noise: the end of the interval that is
  // farther from 1. Its middle is too little: where the fastest of several is compared with all
  // others, chance has as many goes.
  double noise() const { return same ? std::max(same->high, 1 / same->low) : 1; }
};

// Each pair of each cell.
void compare_cells(Matrix& matrix);

}  // namespace asyncd::bench
