// Measures what asyncd bench matrix compares.
#pragma once

#include "cmd/bench/judge/matrix.h"
#include "cmd/bench/options.h"
#include "cmd/bench/show/progress.h"

namespace asyncd::bench {

// Runs all of it, in an order by chance; an error ends it.
Result<Matrix> measure_matrix(const BenchOptions& options, Progress& progress);

}  // namespace asyncd::bench
