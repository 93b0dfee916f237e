// An outcome in the three forms in which it leaves the program. Pure functions, any thread.
#pragma once

#include <string>

#include "cmd/bench/judge/outcome.h"

namespace asyncd::bench {

inline constexpr double shown_percentiles[] = {50, 90, 99, 99.9, 99.99};

// What is not known of the time that others took; empty: all is known.
std::string untold(const Contention& seen, bool local_server);

std::string to_table(const Outcome& outcome);  // for people
std::string to_json(const Outcome& outcome);   // docs/bench-schema.json
std::string to_csv(const Outcome& outcome);    // a row for each second

}  // namespace asyncd::bench
