#include "cmd/bench/show/json_parts.h"

#include <fmt/core.h>

#include "cmd/bench/show/output.h"
#include "core/base/enum_names.h"

namespace asyncd::bench {

std::string percentile_key(double percent) {
  std::string key = fmt::format("p{:g}_ns", percent);
  for (char& letter : key)
    if (letter == '.') letter = '_';
  return key;
}

Json times_json(const Histogram& times, bool with_cells) {
  Json json{
      {"count", times.count()}, {"min_ns", times.min().count()}, {"mean_ns", times.mean().count()}};
  for (const double percent : shown_percentiles)
    json[percentile_key(percent)] = times.percentile(percent).count();
  json["max_ns"] = times.max().count();
  Json starred = Json::array();
  for (const double percent : shown_percentiles)
    if (times.rests_on_few(percent)) starred.push_back(percentile_key(percent));
  json["starred"] = std::move(starred);
  if (!with_cells) return json;
  Json cells = Json::array();
  for (const auto& [time, count] : times.cells()) cells.push_back({time.count(), count});
  json["cells"] = std::move(cells);
  return json;
}

Json verdict_json(const Verdict& verdict) {
  Json reasons = Json::array();
  for (const Reason& reason : verdict.reasons)
    reasons.push_back({{"level", name_of(reason.level)}, {"text", reason.text}});
  return {{"level", name_of(verdict.level)}, {"reasons", reasons}};
}

Json build_json(const Build& build, const Facts& environment) {
  Json json{{"asyncd", build.version},
            {"commit", build.commit},
            {"build_type", build.type},
            {"compiler", build.compiler},
            {"sanitizers", build.sanitizers}};
  for (const auto& [key, value] : environment) json[key] = value;
  return json;
}

void put_contention(Json& json, const Contention& seen) {
  json["stolen"] = or_null(seen.stolen);
  json["throttled"] = {{"client", or_null(seen.client.throttled)},
                       {"server", or_null(seen.server.throttled)}};
  json["waiting"] = {{"client", or_null(seen.client.waiting)},
                     {"server", or_null(seen.server.waiting)}};
}

Histogram histogram_of(const Json& json) {
  Histogram times;
  for (const Json& cell : json.at("cells"))
    times.add(Duration(cell.at(0).get<std::int64_t>()), cell.at(1).get<std::uint64_t>());
  return times;
}

std::optional<Contention> contention_of(const Json& json) {
  if (!json.contains("stolen") || !json.contains("throttled") || !json.contains("waiting"))
    return std::nullopt;
  const auto part = [](const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
  };
  const auto of_side = [&](const char* side) {
    return Taken{part(json.at("throttled").at(side)), part(json.at("waiting").at(side))};
  };
  return Contention{part(json.at("stolen")), of_side("client"), of_side("server")};
}

Verdict verdict_of(const Json& json) {
  const auto level_of = [](const Json& name) {
    return value_named<Validity>(name.get<std::string>()).value_or(Validity::invalid);
  };
  Verdict verdict{.level = level_of(json.at("level"))};
  for (const Json& reason : json.at("reasons"))
    verdict.reasons.push_back({level_of(reason.at("level")), reason.at("text").get<std::string>()});
  return verdict;
}

}  // namespace asyncd::bench
