// What the results of bench have in common as JSON. docs/bench-schema.json says what is in it. Pure
// functions.
#pragma once

#include "cmd/bench/judge/outcome.h"
#include "cmd/cli/json.h"

namespace asyncd::bench {

inline constexpr const char* schema_name = "asyncd.bench/1";

template <class T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

std::string percentile_key(double percent);  // "p99_9_ns"
Json times_json(const Histogram& times, bool with_cells);
Json verdict_json(const Verdict& verdict);
Json build_json(const Build& build, const Facts& environment);

void put_contention(Json& json, const Contention& seen);

// Back again; what is not there, or of another kind, is an exception of nlohmann's.
Histogram histogram_of(const Json& json);  // with cells
Verdict verdict_of(const Json& json);
std::optional<Contention> contention_of(const Json& json);  // nothing: of an earlier version

}  // namespace asyncd::bench
