// An outcome in the three forms in which it leaves the program. Pure functions, any thread.
#pragma once

#include <string>

#include "cmd/asyncd/bench/outcome.h"

namespace asyncd::bench {

inline constexpr double shown_percentiles[] = {50, 90, 99, 99.9, 99.99};

std::string to_table(const Outcome& outcome);  // for people
std::string to_json(const Outcome& outcome);   // docs/bench-schema.json
std::string to_csv(const Outcome& outcome);    // a row for each second

// Writes to a file, or to standard output where it is "-". The error (73) names the file.
Result<void> write_result(const std::string& file, const std::string& content);

}  // namespace asyncd::bench
