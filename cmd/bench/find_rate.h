// --find-rate: the highest rate at which a condition holds.
#pragma once

#include "cmd/bench/bench.h"

namespace asyncd::bench {

// By halving; the outcome is that of the run that confirms the rate.
Result<Outcome> find_rate(Bench& bench, const BenchOptions& options, Progress& progress);

}  // namespace asyncd::bench
