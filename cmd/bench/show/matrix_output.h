// A matrix in the three forms in which it leaves the program, and the words for its parts. Pure
// functions.
#pragma once

#include <string>

#include "cmd/bench/judge/matrix.h"

namespace asyncd::bench {

std::string matrix_table(const Matrix& matrix);  // for people
std::string matrix_json(const Matrix& matrix);   // docs/bench-matrix-schema.json
std::string matrix_csv(const Matrix& matrix);    // a row for each server in each cell

std::string describe(const Cell& cell);  // "1 connection, depth 16"
std::string title_of(const Cell& cell);  // "1 connection, 16 messages under way on each"

// "1.80x faster [1.71x .. 1.86x]": the one; or "no difference shown ...".
std::string verdict_on(const CellPair& pair, std::size_t samples);

}  // namespace asyncd::bench
