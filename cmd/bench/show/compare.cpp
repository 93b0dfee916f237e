// asyncd bench compare: what two results say of each other.
#include <fmt/core.h>

#include <algorithm>

#include "cmd/bench/show/matrix_output.h"
#include "cmd/bench/show/results.h"
#include "cmd/cli/format.h"
#include "core/text/escape.h"

namespace asyncd::bench {

namespace {

constexpr double mere_chance = 1.0;  // no noise is known

std::string shown_interval(const Interval& rate) {
  return fmt::format("{} a second [{} .. {}]", show_count(rate.middle), show_count(rate.low),
                     show_count(rate.high));
}

std::string against(const std::string& verdict) { return "B against A: " + verdict; }

// "B against A: 1.10x faster [1.07x .. 1.13x]"
std::string verdict_between(std::span<const double> one, std::span<const double> other,
                            double noise, Random& random) {
  const Interval ratio = interval_of_median_ratio(other, one, random);
  const std::size_t samples = std::min(one.size(), other.size());
  const CellPair pair{1, 0, ratio, shows_difference(ratio, samples, noise)};
  return against(verdict_on(pair, samples));
}

// A server that has answered nothing has no speed: these words instead of a verdict, or none.
std::string without_speed(bool one, bool other) {
  if (!one && !other) return "";
  const char* const single = one ? "A" : "B";
  return fmt::format("{} answered nothing, so there is no speed to compare",
                     one && other ? "both" : single);
}

// The seconds of a run. The last one may be a short one.
std::vector<double> rates_of(const Run& run) {
  std::vector<double> rates;
  for (const Second& second : run.seconds)
    if (second.length > std::chrono::milliseconds(500)) rates.push_back(second.rate());
  return rates;
}

std::string describe(const char* name, const Run& run, std::span<const double> rates,
                     Random& random) {
  const std::string rate = rates.empty() ? show_count(run.rate) + " a second, of less than one"
                                         : shown_interval(interval_of_median(rates, random));
  std::string text =
      fmt::format("{}: {} ({})\n   {}", name, run.title, name_of(run.verdict.level), rate);
  for (const double percent : {50.0, 99.0})
    text += fmt::format(", p{:g} {}{}", percent, show_time(run.latency.percentile(percent)),
                        run.latency.rests_on_few(percent) ? "*" : "");
  if (run.cpu_per_message)
    text += fmt::format(", CPU each {}", show_time(Duration(std::int64_t(*run.cpu_per_message))));
  return text + "\n";
}

std::string compare_runs(const Run& one, const Run& other) {
  Random random(1);
  const std::vector<double> these = rates_of(one), those = rates_of(other);
  std::string text = describe("A", one, these, random) + describe("B", other, those, random);
  if (text.find('*') != std::string::npos)
    text += fmt::format("   * fewer than {} samples beyond it\n", show_count(double(least_beyond)));
  if (const std::string why = without_speed(one.rate == 0, other.rate == 0); !why.empty())
    return text + why + "\n";
  // Also where a run answered something, but nothing in most of its seconds.
  if (std::min(these.size(), those.size()) < least_samples || median(these) == 0 ||
      median(those) == 0)
    return text +
           against(fmt::format(
               "{} as fast; for a verdict {} seconds of each are needed in which it answers\n",
               show_ratio(other.rate / one.rate), least_samples));
  return text + verdict_between(these, those, mere_chance, random) +
         "\nThe samples are the seconds of each run, which are not independent of each other; "
         "'asyncd bench matrix' "
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
          if (result.variant != match.variant || result.rates.empty() || match.rates.empty())
            continue;
          const std::string why = without_speed(!result.comparable(), !match.comparable());
          text += fmt::format(
              "{}, {}\n  A: {}\n  B: {}\n  {}\n", result.variant, describe(cell),
              shown_interval(result.rate), shown_interval(match.rate),
              why.empty() ? verdict_between(result.rates, match.rates, noise, random) : why);
        }
    }
  return text;
}

// What else is different, and may be what made the difference.
std::string other_circumstances(const Results& one, const Results& other) {
  std::string words;
  const auto add = [&](const std::string& what, const std::string& in_one,
                       const std::string& in_other) {
    const std::string here = text::shown(in_one, 60), there = text::shown(in_other, 60);
    if (here != there)
      words += fmt::format("{}{} ({} in A, {} in B)", words.empty() ? "" : ", ",
                           text::shown(what, 60), here, there);
  };
  if (const Matrix* const matrix = std::get_if<Matrix>(&one.content)) {
    const Matrix& twin = std::get<Matrix>(other.content);
    add("data", matrix->data, twin.data);
    add("load", matrix->load, twin.load);
  } else {
    add("data", std::get<Run>(one.content).data, std::get<Run>(other.content).data);
  }
  for (const auto& [key, value] : one.environment) add(key, value, other.value_of(key));
  for (const auto& [key, value] : other.environment)
    if (const std::string here = one.value_of(key); here == "unknown") add(key, here, value);
  return words.empty() ? "" : "They differ in more than their servers: " + words + "\n";
}

}  // namespace

Result<std::string> compare_results(const Results& one, const Results& other) {
  if (one.content.index() != other.content.index())
    return Error{ExitCode::failure,
                 "one result is of a run, the other one of a matrix: there is nothing to compare"};
  const std::string names =
      fmt::format("A is {}, B is {}\n", one.file, other.file) + other_circumstances(one, other);
  if (const Run* const run = std::get_if<Run>(&one.content))
    return names + compare_runs(*run, std::get<Run>(other.content));
  const std::string text =
      compare_matrices(std::get<Matrix>(one.content), std::get<Matrix>(other.content));
  if (text.empty())
    return Error{ExitCode::failure,
                 "the two have no cell in common: other servers, connections or depths"};
  return names + text;
}

}  // namespace asyncd::bench
