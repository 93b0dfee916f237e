// asyncd bench compare: what two results say of each other.
#include <fmt/core.h>

#include <algorithm>

#include "cmd/asyncd/bench/format.h"
#include "cmd/asyncd/bench/results.h"

namespace asyncd::bench {

namespace {

constexpr double mere_chance = 1.0;  // no noise is known

std::string shown_interval(const Interval& rate) {
  return fmt::format("{} a second [{} .. {}]", show_count(rate.middle), show_count(rate.low), show_count(rate.high));
}

// "B against A: 1.10x faster [1.07x .. 1.13x]"
std::string verdict_between(std::span<const double> one, std::span<const double> other, double noise, Random& random) {
  const Interval ratio = interval_of_median_ratio(other, one, random);
  const std::size_t samples = std::min(one.size(), other.size());
  const CellPair pair{1, 0, ratio, shows_difference(ratio, samples, noise)};
  return "B against A: " + verdict_on(pair, samples);
}

// The seconds of a run. The last one may be a short one.
std::vector<double> rates_of(const Run& run) {
  std::vector<double> rates;
  for (const Second& second : run.seconds)
    if (second.length > std::chrono::milliseconds(500)) rates.push_back(second.rate());
  return rates;
}

std::string describe(const char* name, const Run& run, const Interval& rate) {
  std::string text =
      fmt::format("{}: {} ({})\n   {}, p50 {}, p99 {}", name, run.title, name_of(run.verdict.level),
                  shown_interval(rate), show_time(run.latency.percentile(50)), show_time(run.latency.percentile(99)));
  if (run.cpu_per_message)
    text += fmt::format(", CPU each {}", show_time(Duration(std::int64_t(*run.cpu_per_message))));
  return text + "\n";
}

std::string compare_runs(const Run& one, const Run& other) {
  Random random(1);
  const std::vector<double> these = rates_of(one), those = rates_of(other);
  std::string text = describe("A", one, interval_of_median(these, random));
  text += describe("B", other, interval_of_median(those, random));
  text += verdict_between(these, those, mere_chance, random) + "\n";
  return text +
         "The samples are the seconds of each run, which are not independent of each other; 'asyncd bench matrix' "
         "measures side by side.\n";
}

std::string compare_matrices(const Matrix& one, const Matrix& other) {
  Random random(one.seed);
  const double noise = std::max(one.noise(), other.noise());
  std::string text;
  for (const Cell& cell : one.cells)
    for (const Cell& twin : other.cells) {
      if (cell.connections != twin.connections || cell.depth != twin.depth) continue;
      for (const CellResult& result : cell.results)
        for (const CellResult& match : twin.results) {
          if (result.variant != match.variant || result.rates.empty() || match.rates.empty()) continue;
          text += fmt::format("{}, {}\n  A: {}\n  B: {}\n  {}\n", result.variant, describe(cell),
                              shown_interval(result.rate), shown_interval(match.rate),
                              verdict_between(result.rates, match.rates, noise, random));
        }
    }
  return text;
}

}  // namespace

Result<std::string> compare_results(const Results& one, const Results& other) {
  const std::string names = fmt::format("A is {}, B is {}\n", one.file, other.file);
  if (one.content.index() != other.content.index())
    return Error{ExitCode::failure, "one result is of a run, the other one of a matrix: there is nothing to compare"};
  if (const Run* const run = std::get_if<Run>(&one.content))
    return names + compare_runs(*run, std::get<Run>(other.content));
  const std::string text = compare_matrices(std::get<Matrix>(one.content), std::get<Matrix>(other.content));
  if (text.empty())
    return Error{ExitCode::failure, "the two have no cell in common: other servers, connections or depths"};
  return names + text;
}

}  // namespace asyncd::bench
