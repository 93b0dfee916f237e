#include "cmd/bench/show/results.h"

#include <fmt/core.h>

#include <optional>

#include "cmd/cli/format.h"
#include "core/files/open_file.h"
#include "core/files/start_folder.h"
#include "core/text/encoding.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd::bench {

namespace {

constexpr std::size_t largest = std::size_t{1} << 30;

std::string title_of(const Json& plan) {
  const auto connections = plan.at("connections").get<std::uint64_t>();
  const auto depth = plan.at("depth").get<std::uint64_t>();
  const std::string backend = plan.at("backend").get<std::string>();
  const std::string handler = plan.at("handler").get<std::string>();
  std::string title =
      backend.empty() ? plan.at("address").get<std::string>() : handler + " on " + backend;
  title +=
      ", " + (plan.at("load") == "one-shot" ? show_count(double(connections)) + " one-shot clients"
                                            : show_connections(connections));
  if (depth > 1) title += fmt::format(", depth {}", depth);
  if (plan.contains("rate"))
    title += fmt::format(", {} a second", show_count(plan.at("rate").get<double>()));
  return title;
}

Second second_of(const Json& json) {
  const auto time = [&](const char* key) { return Duration(json.at(key).get<std::int64_t>()); };
  const auto count = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  return {.at = time("at_ns"),
          .length = time("length_ns"),
          .connections = count("connections"),
          .sent = count("sent"),
          .answered = count("answered"),
          .failed = count("failed"),
          .p50 = time("p50_ns"),
          .p99 = time("p99_ns"),
          .max = time("max_ns")};
}

Run run_of(const Json& json) {
  Run run;
  run.title = title_of(json.at("plan"));
  run.time = json.at("time").get<std::string>();
  run.data = json.at("plan").at("data").get<std::string>();
  for (const Json& second : json.at("seconds")) run.seconds.push_back(second_of(second));
  run.rate = json.at("rate").get<double>();
  run.latency = histogram_of(json.at("latency"));
  if (json.contains("service")) run.service = histogram_of(json.at("service"));
  const auto answered = json.at("counts").at("answered").get<double>();
  const Json& server = json.at("server");
  if (server.contains("cpu_ns") && answered > 0)
    run.cpu_per_message = server.at("cpu_ns").get<double>() / answered;
  run.verdict = verdict_of(json.at("verdict"));
  return run;
}

std::optional<Results> results_of(const std::string& file, const Json& json) {
  Results results{.file = file};
  if (json.at("kind") == "matrix")
    results.content = matrix_of(json);
  else if (json.at("kind") == "run")
    results.content = run_of(json);
  else
    return std::nullopt;
  for (const auto& [key, value] : json.at("environment").items())
    if (value.is_string() && !value.get<std::string>().empty())
      results.environment.emplace_back(key, value.get<std::string>());
  return results;
}

}  // namespace

std::string Results::value_of(std::string_view key) const {
  for (const auto& [name, value] : environment)
    if (name == key) return value;
  return "unknown";
}

Result<Results> read_results(const std::string& file) {
  const std::string name = "'" + text::printable(file) + "'";
  const auto unreadable = [&](const Error& why) {
    return Error{ExitCode::not_found, "cannot read " + name + ": " + why.message};
  };
  Result<OpenFile> in = OpenFile::open_source(absolute_path(path_of(file)));
  if (!in) return unreadable(in.error());
  const Result<std::string> content = in->read(largest);
  if (!content) return unreadable(content.error());
  if (const std::string_view encoding = text::foreign_encoding(*content); !encoding.empty())
    return Error{ExitCode::failure, name + " is " + std::string(encoding) +
                                        ", as PowerShell's > writes it, and not " +
                                        "UTF-8: have asyncd write it (asyncd bench --json=FILE)"};
  const Error strange{ExitCode::failure,
                      name + " is no result of asyncd bench (asyncd bench --json=FILE)"};
  try {
    const Json json = Json::parse(*content);
    const std::string schema = json.value("schema", "");
    if (schema.starts_with("asyncd.bench/") && schema != schema_name)
      return Error{ExitCode::failure, name + " is by another version of asyncd: its schema is " +
                                          text::printable(schema, 64) + ", and this one reads " +
                                          schema_name};
    if (schema != schema_name) return strange;
    if (std::optional<Results> results = results_of(file, json)) return *std::move(results);
    return strange;
  } catch (const Json::exception&) {
    return strange;
  }
}

}  // namespace asyncd::bench
