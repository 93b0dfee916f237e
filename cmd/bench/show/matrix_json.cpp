// A matrix as JSON, and back.
#include "cmd/bench/show/json_parts.h"
#include "cmd/bench/show/matrix_output.h"
#include "cmd/bench/show/results.h"

namespace asyncd::bench {

namespace {

Json interval_json(const Interval& interval) {
  return {{"low", interval.low}, {"middle", interval.middle}, {"high", interval.high}};
}

Interval interval_of(const Json& json) {
  return {json.at("low").get<double>(), json.at("middle").get<double>(),
          json.at("high").get<double>()};
}

Json result_json(const CellResult& result) {
  Json json{{"server", result.variant}};
  if (!result.skipped.empty()) json["skipped"] = result.skipped;
  if (result.rates.empty()) return json;
  json["rates"] = result.rates;
  json["rate"] = interval_json(result.rate);
  json["latency"] = times_json(result.latency, true);
  if (result.cpu_per_message)
    json["cpu_per_message_ns"] = static_cast<std::int64_t>(*result.cpu_per_message);
  json["failed"] = result.failed;
  json["reopened"] = result.reopened;
  json["level"] = name_of(result.level);
  return json;
}

CellResult result_of(const Json& json) {
  CellResult result{.variant = json.at("server").get<std::string>(),
                    .skipped = json.value("skipped", "")};
  if (!json.contains("rates")) return result;
  result.rates = json.at("rates").get<std::vector<double>>();
  result.latency = histogram_of(json.at("latency"));
  if (json.contains("cpu_per_message_ns"))
    result.cpu_per_message = json.at("cpu_per_message_ns").get<double>();
  result.failed = json.value("failed", std::uint64_t{0});
  result.reopened = json.value("reopened", std::uint64_t{0});
  result.level = verdict_of({{"level", json.at("level")}, {"reasons", Json::array()}}).level;
  return result;
}

Json cell_json(const Cell& cell) {
  Json results = Json::array(), pairs = Json::array();
  for (const CellResult& result : cell.results) results.push_back(result_json(result));
  for (const CellPair& pair : cell.pairs)
    pairs.push_back({{"one", cell.results[pair.one].variant},
                     {"other", cell.results[pair.other].variant},
                     {"ratio", interval_json(pair.ratio)},
                     {"difference_shown", pair.shown}});
  return {{"connections", cell.connections},
          {"depth", cell.depth},
          {"results", results},
          {"pairs", pairs}};
}

}  // namespace

std::string matrix_json(const Matrix& matrix) {
  Json cells = Json::array();
  for (const Cell& cell : matrix.cells) cells.push_back(cell_json(cell));
  Json json{{"schema", schema_name},
            {"kind", "matrix"},
            {"time", matrix.time},
            {"verdict", verdict_json(matrix.verdict)},
            {"partial", matrix.partial},
            {"handlers", matrix.handlers},
            {"data", matrix.data},
            {"load", matrix.load},
            {"repeats", matrix.repeats},
            {"seed", matrix.seed},
            {"duration_ns", matrix.duration.count()}};
  if (matrix.same) json["alike"] = interval_json(*matrix.same);
  json["cells"] = cells;
  if (matrix.contention) put_contention(json, *matrix.contention);
  json["environment"] = build_json(matrix.build, matrix.environment);
  return json_text(json);
}

Matrix matrix_of(const Json& json) {
  Matrix matrix;
  matrix.time = json.at("time").get<std::string>();
  matrix.verdict = verdict_of(json.at("verdict"));
  matrix.partial = json.at("partial").get<bool>();
  matrix.handlers = json.at("handlers").get<std::vector<std::string>>();
  matrix.data = json.at("data").get<std::string>();
  matrix.load = json.at("load").get<std::string>();
  matrix.repeats = json.at("repeats").get<std::uint64_t>();
  matrix.seed = json.at("seed").get<std::uint64_t>();
  matrix.duration = Duration(json.at("duration_ns").get<std::int64_t>());
  matrix.contention = contention_of(json);
  if (json.contains("alike")) matrix.same = interval_of(json.at("alike"));
  for (const Json& one : json.at("cells")) {
    Cell& cell = matrix.cells.emplace_back();
    cell.connections = one.at("connections").get<std::uint64_t>();
    cell.depth = one.at("depth").get<std::uint64_t>();
    for (const Json& result : one.at("results")) cell.results.push_back(result_of(result));
  }
  compare_cells(matrix);
  return matrix;
}

}  // namespace asyncd::bench
