// The outcome for programs: docs/bench-schema.json says what is in it.
#include "cmd/bench/show/json_parts.h"
#include "cmd/bench/show/output.h"

namespace asyncd::bench {

namespace {

Json price_json(const Price& price) {
  Json json = Json::object();
  if (price.cpu) json["cpu_ns"] = price.cpu->count();
  put(json, "context_switches", price.context_switches);
  put(json, "system_calls", price.system_calls);
  put(json, "resident_bytes", price.resident);
  put(json, "own_bytes", price.own);
  put(json, "threads", price.threads);
  put(json, "bytes_per_connection", price.per_connection);
  return json;
}

Json plan_json(const Outcome& outcome) {
  const LoadPlan& plan = outcome.plan;
  const char* const loop = plan.rate > 0 ? "open" : "closed";
  Json json{{"handler", outcome.handler},
            {"backend", outcome.backend},
            {"framing", outcome.framing},
            {"address", outcome.address},
            {"own_server", outcome.own_server},
            {"data", outcome.data},
            {"check", outcome.check},
            {"load", plan.one_shot ? "one-shot" : loop},
            {"connections", plan.connections},
            {"depth", plan.depth},
            {"idle", plan.idle},
            {"think_least_ns", plan.think_least.count()},
            {"think_most_ns", plan.think_most.count()},
            {"warmup_ns", plan.warmup.count()},
            {"timeout_ns", plan.timeout.count()},
            {"seed", plan.seed}};
  if (plan.rate > 0) {
    json["rate"] = plan.rate;
    json["arrivals"] = plan.poisson ? "poisson" : "constant";
  }
  if (plan.duration != unlimited_time) json["duration_ns"] = plan.duration.count();
  if (plan.requests != 0) json["requests"] = plan.requests;
  if (plan.ramp)
    json["ramp"] = {
        {"from", plan.ramp->from}, {"to", plan.ramp->to}, {"over_ns", plan.ramp->over.count()}};
  if (!plan.chaos.empty()) {
    Json chaos = Json::object();
    for (std::size_t i = 0; i < plan.chaos.clients.size(); ++i)
      if (plan.chaos.clients[i] != 0)
        chaos[std::string(name_of(static_cast<Mischief>(i)))] = plan.chaos.clients[i];
    json["chaos"] = std::move(chaos);
  }
  return json;
}

Json counts_json(const Measured& measured) {
  Json failures = Json::object();
  for (std::size_t i = 0; i < value_count<Failure>; ++i)
    failures[std::string(name_of(static_cast<Failure>(i)))] = measured.counts.failures[i];
  return {{"sent", measured.counts.sent},
          {"answered", measured.counts.answered},
          {"failed", measured.counts.failed()},
          {"lost", measured.counts.lost},
          {"due", measured.due},
          {"unanswered", measured.unanswered},
          {"waiting", measured.waiting},
          {"longest_wait_ns", measured.longest_wait.count()},
          {"chaos_turns", measured.chaos_turns},
          {"reopened", measured.counts.reopened},
          {"resent", measured.counts.resent},
          {"idle_held", measured.idle_held},
          {"failures", failures}};
}

Json seconds_json(const Measured& measured) {
  Json json = Json::array();
  for (const Second& second : measured.seconds)
    json.push_back({{"at_ns", second.at.count()},
                    {"length_ns", second.length.count()},
                    {"connections", second.connections},
                    {"sent", second.sent},
                    {"answered", second.answered},
                    {"failed", second.failed},
                    {"p50_ns", second.p50.count()},
                    {"p99_ns", second.p99.count()},
                    {"max_ns", second.max.count()}});
  return json;
}

Json environment_json(const Outcome& outcome) {
  Json json = build_json(outcome.build, outcome.environment);
  json["config_hash"] = outcome.config_hash;
  json["loopback"] = outcome.loopback;
  json["client_cores"] = outcome.client_cores;
  json["server_cores"] = outcome.server_cores;
  return json;
}

}  // namespace

std::string to_json(const Outcome& outcome) {
  const Measured& measured = outcome.measured;
  Json json{{"schema", schema_name},
            {"kind", "run"},
            {"time", outcome.time},
            {"verdict", verdict_json(outcome.verdict)},
            {"partial", measured.partial},
            {"plan", plan_json(outcome)},
            {"elapsed_ns", measured.elapsed.count()},
            {"rate", measured.rate()}};
  put(json, "found_rate", outcome.found_rate);
  json["counts"] = counts_json(measured);
  json["latency"] = times_json(measured.latency, true);
  if (measured.service.count() != 0) json["service"] = times_json(measured.service, true);
  if (measured.lag.count() != 0) json["lag"] = times_json(measured.lag, false);
  json["seconds"] = seconds_json(measured);
  json["server"] = price_json(outcome.server);
  json["client"] = price_json(outcome.client);
  put_contention(json, outcome.contention);
  json["environment"] = environment_json(outcome);
  return json_text(json);
}

}  // namespace asyncd::bench
