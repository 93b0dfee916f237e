#include "cmd/bench/find_rate.h"

#include <fmt/core.h>

#include "cmd/bench/judge/rate_search.h"
#include "cmd/cli/format.h"

namespace asyncd::bench {

namespace {

// That the server kept up belongs to it: else the times only say how long was measured. Of a rate
// so low that no message was due in the run, nothing is known.
bool is_good(const Condition& condition, const Outcome& outcome) {
  const Measured& measured = outcome.measured;
  return measured.counts.answered > 0 && measured.counts.failed() == 0 && measured.kept() >= 0.99 &&
         condition.holds(measured);
}

std::string what_came(const Condition& condition, bool good, bool confirms) {
  if (good) return condition.text + " holds";
  return condition.text + (confirms ? " does not hold for the full time" : " does not hold");
}

// The user ended the search: there is only the run in which that happened, and no rate was
// found.
Outcome ended_early(Outcome outcome) {
  outcome.measured.partial = true;
  outcome.verdict = assess(outcome);
  return outcome;
}

// What a closed loop reaches.
Result<Outcome> probe_rate(Bench& bench, const LoadPlan& plan) {
  LoadPlan closed = plan;
  closed.rate = 0;
  Result<Outcome> outcome = bench.measure(closed, bench.backend(), "as fast as it goes");
  if (outcome && !bench.interrupted() && outcome->measured.rate() < 1)
    return Error{ExitCode::bench_invalid,
                 "not even one message a second is answered, so there is no rate to be found"};
  return outcome;
}

}  // namespace

Result<Outcome> find_rate(Bench& bench, const BenchOptions& options, Progress& progress) {
  const Condition& condition = *options.find_rate;
  LoadPlan step = options.plan, whole = options.plan;
  step.duration = std::max<Duration>(options.plan.duration / 5, std::chrono::milliseconds(200));
  Result<Outcome> outcome = probe_rate(bench, step);
  if (!outcome) return outcome;
  if (bench.interrupted()) return ended_early(std::move(*outcome));
  for (RateSearch search(outcome->measured.rate()); !search.over();) {
    const bool confirms = search.confirms();
    LoadPlan& plan = confirms ? whole : step;
    plan.rate = search.rate();
    const std::string title = fmt::format("{} a second", show_count(plan.rate));
    outcome = bench.measure(plan, bench.backend(), confirms ? title + ", to confirm" : title);
    if (!outcome) return outcome;
    if (bench.interrupted()) return ended_early(std::move(*outcome));
    const bool good = is_good(condition, *outcome);
    search.on_result(good);
    if (!good || !confirms)
      progress.note(fmt::format("{}: {}", title, what_came(condition, good, confirms)));
    outcome->found_rate = search.found();
  }
  if (!outcome->found_rate) {
    outcome->verdict.reasons.push_back(
        {Validity::invalid, "no rate was found at which " + condition.text + " holds"});
    outcome->verdict.level = Validity::invalid;
  }
  return outcome;
}

}  // namespace asyncd::bench
