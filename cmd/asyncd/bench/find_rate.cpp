// --find-rate: the highest rate at which a condition holds.
#include <fmt/core.h>

#include "cmd/asyncd/bench/bench.h"
#include "cmd/asyncd/bench/format.h"

namespace asyncd::bench {

namespace {

constexpr double close_enough = 0.02;  // of the rate
constexpr int most_steps = 12;
constexpr int most_confirmations = 4;
constexpr double after_refusal = 0.95;

// That the server kept up belongs to it: else the times only say how long was measured.
bool is_good(const Condition& condition, const Outcome& outcome) {
  return condition.holds(outcome.measured) && outcome.measured.counts.failed() == 0 && outcome.measured.kept() >= 0.99;
}

// Somebody ended the search: what there is is the run in which that happened, and no rate was found.
Outcome ended_early(Outcome outcome) {
  outcome.measured.partial = true;
  outcome.verdict = assess(outcome);
  return outcome;
}

}  // namespace

// What a closed loop reaches: no open loop with as many connections gets further.
Result<Outcome> Bench::probe_rate(const LoadPlan& plan) {
  LoadPlan closed = plan;
  closed.rate = 0;
  Result<Outcome> outcome = measure(closed, listener_.backend, "as fast as it goes");
  if (outcome && !interrupted_ && outcome->measured.rate() < 1)
    return Error{ExitCode::bench_invalid, "not even one message a second is answered, so there is no rate to be found"};
  return outcome;
}

Result<Outcome> Bench::find_rate() {
  const Condition& condition = *options_.find_rate;
  LoadPlan step = options_.plan;
  step.duration = std::max<Duration>(options_.plan.duration / 5, std::chrono::milliseconds(200));
  Result<Outcome> most = probe_rate(step);
  if (!most) return most;
  if (interrupted_) return ended_early(std::move(*most));
  double low = 0, high = most->measured.rate() * 1.05;
  for (int i = 0; i < most_steps && high >= 1 && high - low > close_enough * high; ++i) {
    step.rate = (low + high) / 2;
    Result<Outcome> outcome = measure(step, listener_.backend, fmt::format("{} a second", show_count(step.rate)));
    if (!outcome) return outcome;
    if (interrupted_) return ended_early(std::move(*outcome));
    const bool good = is_good(condition, *outcome);
    progress_.note(
        fmt::format("{} a second: {} {}", show_count(step.rate), condition.text, good ? "holds" : "does not hold"));
    (good ? low : high) = step.rate;
  }
  LoadPlan last = options_.plan;
  last.rate = low > 0 ? low : high;
  for (int i = 0;; ++i) {
    Result<Outcome> outcome =
        measure(last, listener_.backend, fmt::format("{} a second, to confirm", show_count(last.rate)));
    if (!outcome) return outcome;
    if (interrupted_) return ended_early(std::move(*outcome));
    const bool good = is_good(condition, *outcome);
    if (good) outcome->found_rate = last.rate;
    if (!good && i + 1 == most_confirmations) {
      outcome->verdict.reasons.push_back(
          {Trustworthiness::invalid, "no rate was found at which " + condition.text + " holds twice"});
      outcome->verdict.level = Trustworthiness::invalid;
    }
    if (good || i + 1 == most_confirmations) return outcome;
    last.rate *= after_refusal;
  }
}

}  // namespace asyncd::bench
