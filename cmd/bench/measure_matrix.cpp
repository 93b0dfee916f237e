#include "cmd/bench/measure_matrix.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <deque>
#include <map>

#include "backends/registry.h"
#include "cmd/bench/bench.h"
#include "cmd/bench/show/matrix_output.h"
#include "cmd/cli/format.h"
#include "cmd/process/control.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"

namespace asyncd::bench {

namespace {

struct Variant {
  std::size_t handler;
  std::string backend;
};

Result<std::vector<std::string>> chosen_backends(const std::vector<std::string>& words) {
  std::vector<std::string> chosen;
  std::vector<std::string_view> known;
  for (const BackendEntry& entry : backends()) known.push_back(entry.name);
  for (const std::string& word : words) {
    if (word == "all") {
      for (const BackendEntry& entry : backends())
        if (!entry.unavailable()) chosen.emplace_back(entry.name);
      continue;
    }
    const BackendEntry* const entry = find_backend(word);
    if (entry == nullptr)
      return Error{ExitCode::usage, "--backends: there is no backend '" +
                                        text::printable(word, 64) + "'" +
                                        text::suggestion(word, known)};
    if (const auto why = entry->unavailable())
      return Error{ExitCode::backend_unavailable, "--backends: " + word + ": " + *why};
    chosen.push_back(word);
  }
  return chosen;
}

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[random.below(left)]);
}

// All runs of a matrix.
class Runs {
 public:
  Runs(const BenchOptions& options, Progress& progress)
      : options_(options), progress_(progress), random_(options.plan.seed) {}

  Result<Matrix> run() {
    if (Result<void> prepared = prepare(); !prepared) return prepared.error();
    // not before the handlers have been asked: there is nothing to tell yet, and they may take for
    // ever
    hold_requests();
    if (Result<void> done = measure_alike(); !done) return done.error();
    for (std::uint64_t round = 1; round <= options_.repeats && !matrix_.partial; ++round)
      if (Result<void> done = measure_round(round); !done) return done.error();
    finish();
    return std::move(matrix_);
  }

 private:
  Result<void> prepare();
  Result<void> add_benches();
  void add_cells();
  std::string skipped(const Variant& variant, const LoadPlan& plan) const;
  LoadPlan plan_of(const Cell& cell) const;
  const Variant* usual_in(const Cell& cell) const;
  Result<void> measure_alike();
  Result<void> measure_round(std::uint64_t round);
  Result<void> measure(std::size_t cell, std::size_t variant, const std::string& round);
  Result<Outcome> measure(const Cell& cell, const Variant& variant, const std::string& round);
  void note(CellResult& result, const Outcome& outcome);
  void note_verdict(const Outcome& outcome);
  void finish();
  std::string name_of(const Variant& variant) const;

  const BenchOptions& options_;
  Progress& progress_;
  Random random_;
  std::deque<BenchOptions> bench_options_;  // each with its handler; the benches refer to them
  std::vector<std::unique_ptr<Bench>> benches_;
  std::vector<Variant> variants_;
  std::vector<std::vector<std::vector<double>>> costs_;  // by cell and variant
  // without their figures: the first, and how many
  std::map<std::string, std::pair<Reason, std::size_t>> reasons_;
  Matrix matrix_;
};

std::string Runs::name_of(const Variant& variant) const {
  return benches_.size() == 1 ? variant.backend
                              : matrix_.handlers[variant.handler] + " on " + variant.backend;
}

Result<void> Runs::prepare() {
  if (Result<void> added = add_benches(); !added) return added;
  const Result<std::vector<std::string>> names = chosen_backends(options_.backends);
  if (!names) return names.error();
  for (std::size_t handler = 0; handler < benches_.size(); ++handler)
    for (const std::string& name : *names) variants_.push_back({handler, name});
  matrix_.time = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  matrix_.data = options_.data;
  matrix_.load = options_.plan.one_shot ? "one-shot" : "closed";
  matrix_.repeats = options_.repeats;
  matrix_.seed = options_.plan.seed;
  matrix_.duration = options_.plan.duration == unlimited_time ? Duration{} : options_.plan.duration;
  add_cells();
  return {};
}

Result<void> Runs::add_benches() {
  std::vector<std::string> handlers = options_.handlers;
  if (handlers.empty()) handlers.push_back(options_.sources.handler.value_or(""));
  for (const std::string& handler : handlers) {
    BenchOptions& own = bench_options_.emplace_back(options_);
    if (!handler.empty()) own.sources.handler = handler;
    own.plan.depth = *std::max_element(options_.depths.begin(), options_.depths.end());
    Result<std::unique_ptr<Bench>> bench = Bench::prepare(own, progress_);
    if (!bench) return bench.error();
    matrix_.handlers.push_back((*bench)->handler());
    benches_.push_back(std::move(*bench));
  }
  return {};
}

void Runs::add_cells() {
  for (const std::uint64_t connections : options_.many_connections)
    for (const std::uint64_t depth : options_.depths) {
      Cell& cell = matrix_.cells.emplace_back();
      cell.connections = connections;
      cell.depth = depth;
      for (const Variant& variant : variants_)
        cell.results.push_back(
            {.variant = name_of(variant), .skipped = skipped(variant, plan_of(cell))});
      costs_.emplace_back(variants_.size());
    }
}

LoadPlan Runs::plan_of(const Cell& cell) const {
  LoadPlan plan = options_.plan;
  plan.connections = cell.connections;
  plan.depth = cell.depth;
  return plan;
}

// A client who holds a connection keeps others waiting where the backend serves fewer at a time.
std::string Runs::skipped(const Variant& variant, const LoadPlan& plan) const {
  const auto& settings = benches_[variant.handler]->config().backends;
  const auto backend = find_backend(variant.backend)->make(settings.at(variant.backend));
  if (plan.connections > backend->most_connections())
    return fmt::format("takes {} at most", show_count(double(backend->most_connections())));
  if (plan.one_shot || plan.connections <= backend->serves_at_once()) return "";
  return fmt::format("serves {} at a time", show_count(double(backend->serves_at_once())));
}

Result<Outcome> Runs::measure(const Cell& cell, const Variant& variant, const std::string& round) {
  const std::string title =
      fmt::format("{}: {} on {}, {}", round, matrix_.handlers[variant.handler], variant.backend,
                  describe(cell));
  Result<Outcome> outcome =
      benches_[variant.handler]->measure(plan_of(cell), variant.backend, title);
  if (!outcome) return Error{outcome.error().code, title + ": " + outcome.error().message};
  matrix_.partial = matrix_.partial || benches_[variant.handler]->interrupted();
  matrix_.build = outcome->build;
  matrix_.environment = outcome->environment;
  progress_.note(fmt::format("{}: {} a second", title, show_count(outcome->measured.rate())));
  return outcome;
}

// Of the usual backend where that is among those that take the cell, else of any; or null.
const Variant* Runs::usual_in(const Cell& cell) const {
  const Variant* chosen = nullptr;
  for (std::size_t i = 0; i < variants_.size(); ++i)
    if (cell.results[i].skipped.empty() &&
        (chosen == nullptr || variants_[i].backend == default_backend))
      chosen = &variants_[i];
  return chosen;
}

// A server and another that is the same, in the first cell that any takes. A pair of runs of which
// one was ended early or answered nothing says nothing.
Result<void> Runs::measure_alike() {
  const auto cell =
      std::find_if(matrix_.cells.begin(), matrix_.cells.end(),
                   [this](const Cell& candidate) { return usual_in(candidate) != nullptr; });
  if (cell == matrix_.cells.end()) return {};
  std::vector<double> one, other;
  for (std::uint64_t round = 1; round <= options_.repeats && !matrix_.partial; ++round) {
    double rates[2]{};
    const std::size_t first = random_.below(2);
    for (const std::size_t which : {first, 1 - first}) {
      if (matrix_.partial) break;
      const Result<Outcome> outcome =
          measure(*cell, *usual_in(*cell),
                  fmt::format("alike {}{} of {}", round, which == 0 ? "a" : "b", options_.repeats));
      if (!outcome) return outcome.error();
      if (matrix_.partial) break;
      rates[which] = outcome->measured.rate();
      note_verdict(*outcome);
    }
    if (rates[0] == 0 || rates[1] == 0) continue;
    one.push_back(rates[0]);
    other.push_back(rates[1]);
  }
  if (!one.empty()) matrix_.same = interval_of_ratio(one, other, random_);
  return {};
}

// Everything once. The servers of a cell are measured one right after the other, so that they are
// disturbed alike.
Result<void> Runs::measure_round(std::uint64_t round) {
  std::vector<std::size_t> cells(matrix_.cells.size()), variants(variants_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = i;
  for (std::size_t i = 0; i < variants.size(); ++i) variants[i] = i;
  shuffle(cells, random_);
  for (const std::size_t cell : cells) {
    shuffle(variants, random_);
    for (const std::size_t variant : variants)
      if (Result<void> done =
              measure(cell, variant, fmt::format("round {} of {}", round, options_.repeats));
          !done)
        return done;
  }
  return {};
}

Result<void> Runs::measure(std::size_t cell, std::size_t variant, const std::string& round) {
  CellResult& result = matrix_.cells[cell].results[variant];
  if (!result.skipped.empty() || matrix_.partial) return {};
  const Result<Outcome> outcome = measure(matrix_.cells[cell], variants_[variant], round);
  if (!outcome) return outcome.error();
  if (matrix_.partial) return {};
  note(result, *outcome);
  const auto messages = static_cast<double>(outcome->measured.counts.answered);
  if (outcome->server.cpu && messages > 0)
    costs_[cell][variant].push_back(static_cast<double>(outcome->server.cpu->count()) / messages);
  return {};
}

void Runs::note(CellResult& result, const Outcome& outcome) {
  result.rates.push_back(outcome.measured.rate());
  result.latency.merge(outcome.measured.latency);
  result.failed += outcome.measured.counts.failed();
  result.reopened += outcome.measured.counts.reopened;
  result.level = std::max(result.level, outcome.verdict.level);
  note_verdict(outcome);
}

// Of the runs of two that are the same as well: the noise rests on them.
void Runs::note_verdict(const Outcome& outcome) {
  matrix_.verdict.level = std::max(matrix_.verdict.level, outcome.verdict.level);
  if (outcome.measured.elapsed.count() != 0)
    matrix_.contention =
        matrix_.contention ? worst_of(*matrix_.contention, outcome.contention) : outcome.contention;
  for (const Reason& reason : outcome.verdict.reasons) {
    std::string kind = reason.text;
    std::erase_if(kind, [](char letter) {
      return (letter >= '0' && letter <= '9') || letter == '.' || letter == ',';
    });
    ++reasons_.try_emplace(kind, reason, 0).first->second.second;
  }
}

void Runs::finish() {
  const auto blame = [this](Validity level, const char* reason) {
    matrix_.verdict.reasons.push_back({level, reason});
    matrix_.verdict.level = std::max(matrix_.verdict.level, level);
  };
  bool measured = false;
  for (std::size_t cell = 0; cell < costs_.size(); ++cell)
    for (std::size_t variant = 0; variant < variants_.size(); ++variant) {
      CellResult& result = matrix_.cells[cell].results[variant];
      if (!costs_[cell][variant].empty()) result.cpu_per_message = median(costs_[cell][variant]);
      measured = measured || !result.rates.empty();
    }
  if (!measured) blame(Validity::invalid, "nothing was measured");
  for (const auto& [kind, seen] : reasons_) {
    const std::string more =
        seen.second == 1 ? "" : fmt::format(" (and so in {} other runs)", seen.second - 1);
    matrix_.verdict.reasons.push_back({seen.first.level, seen.first.text + more});
  }
  if (matrix_.partial) blame(Validity::suspect, "it was ended early");
  compare_cells(matrix_);
}

}  // namespace

Result<Matrix> measure_matrix(const BenchOptions& options, Progress& progress) {
  return Runs(options, progress).run();
}

}  // namespace asyncd::bench
