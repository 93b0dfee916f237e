// A matrix for people, and as CSV.
#include <fmt/core.h>

#include <algorithm>

#include "cmd/bench/show/matrix_output.h"
#include "cmd/bench/show/output.h"
#include "cmd/cli/format.h"

namespace asyncd::bench {

namespace {

std::string title(const Matrix& matrix) {
  std::string handlers;
  for (const std::string& handler : matrix.handlers)
    handlers += (handlers.empty() ? "" : ", ") + handler;
  const std::string length =
      matrix.duration.count() == 0 ? "" : " of " + show_time(matrix.duration);
  return fmt::format("{}: {}, {} run{}{} each, in an order by chance; data {}\n", handlers,
                     matrix.load == "one-shot" ? "one-shot clients" : "closed loop", matrix.repeats,
                     matrix.repeats == 1 ? "" : "s", length, matrix.data);
}

std::string noise(const Matrix& matrix) {
  if (!matrix.same) return "How much two that are the same differ was not measured.\n";
  return fmt::format(
      "Two that are the same differed {} [{} .. {}]: a difference below {} is noise.\n",
      show_ratio(matrix.same->middle), show_ratio(matrix.same->low), show_ratio(matrix.same->high),
      show_ratio(matrix.noise()));
}

std::string row(const CellResult& result, int width) {
  std::string text = fmt::format("  {:<{}}", result.variant, width);
  if (!result.skipped.empty()) return text + "  -  " + result.skipped + "\n";
  if (result.rates.empty()) return text + "  -  not measured\n";
  const std::string level =
      result.level == Validity::valid ? "" : fmt::format("  {}", name_of(result.level));
  if (result.rate.middle == 0) return text + "  -  answered nothing" + level + "\n";
  text += fmt::format("  {:>10}", show_count(result.rate.middle));
  text +=
      fmt::format("  {:>21}", show_count(result.rate.low) + " .. " + show_count(result.rate.high));
  for (const double percent : {50.0, 99.0})
    text += fmt::format("  {:>8}{}", show_time(result.latency.percentile(percent)),
                        result.latency.rests_on_few(percent) ? '*' : ' ');
  const std::string cpu =
      result.cpu_per_message ? show_time(Duration(std::int64_t(*result.cpu_per_message))) : "?";
  return text + fmt::format("  {:>8}", cpu) + level + "\n";
}

// As RFC 4180 has it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  return quoted + "\"";
}

// The fastest against each of the others.
std::string verdicts(const Cell& cell, std::size_t width) {
  const auto slower = [](const CellResult& one, const CellResult& other) {
    return other.comparable() && (!one.comparable() || one.rate.middle < other.rate.middle);
  };
  const auto best = static_cast<std::size_t>(
      std::max_element(cell.results.begin(), cell.results.end(), slower) - cell.results.begin());
  std::string text;
  for (const CellPair& pair : cell.pairs) {
    if (pair.one != best && pair.other != best) continue;
    CellPair turned = pair;
    if (pair.other == best)
      turned = {pair.other,
                pair.one,
                {1 / pair.ratio.high, 1 / pair.ratio.middle, 1 / pair.ratio.low},
                pair.shown};
    const std::size_t samples = cell.results[best].rates.size();
    text += fmt::format("    {:<{}}  {}\n", cell.results[turned.other].variant, width,
                        verdict_on(turned, samples));
  }
  return text.empty() ? text : fmt::format("  {} against\n", cell.results[best].variant) + text;
}

std::string table_of(const Cell& cell) {
  std::size_t width = 8;
  for (const CellResult& result : cell.results) width = std::max(width, result.variant.size());
  std::string text = "\n" + title_of(cell) + "\n";
  text += fmt::format("  {:<{}}  {:>10}  {:>21}  {:>8}   {:>8}   {:>8}\n", "", width, "a second",
                      "95 % interval", "p50", "p99", "CPU each");
  for (const CellResult& result : cell.results) text += row(result, static_cast<int>(width));
  for (const CellResult& result : cell.results)
    if (result.reopened != 0)
      text += fmt::format("    {} ended {} between messages\n", result.variant,
                          show_connections(result.reopened));
  return text + verdicts(cell, width);
}

}  // namespace

std::string verdict_on(const CellPair& pair, std::size_t samples) {
  const std::string interval =
      fmt::format("[{} .. {}]", show_ratio(pair.ratio.low), show_ratio(pair.ratio.high));
  if (samples < least_samples)
    return fmt::format("{} as fast; for a verdict {} repeats are needed",
                       show_ratio(pair.ratio.middle), least_samples);
  if (!pair.shown) return "no difference shown " + interval;
  return pair.ratio.middle > 1
             ? fmt::format("{} faster {}", show_ratio(pair.ratio.middle), interval)
             : fmt::format("{} slower [{} .. {}]", show_ratio(1 / pair.ratio.middle),
                           show_ratio(1 / pair.ratio.high), show_ratio(1 / pair.ratio.low));
}

std::string describe(const Cell& cell) {
  return fmt::format("{}, depth {}", show_connections(cell.connections), cell.depth);
}

std::string title_of(const Cell& cell) {
  const std::string title = show_connections(cell.connections);
  return cell.depth == 1 ? title
                         : title + fmt::format(", {} messages under way on each", cell.depth);
}

std::string matrix_table(const Matrix& matrix) {
  std::string text = title(matrix) + noise(matrix);
  for (const Cell& cell : matrix.cells) text += table_of(cell);
  if (text.find('*') != text.npos)
    text +=
        fmt::format("\n  * fewer than {} samples beyond it\n", show_count(double(least_beyond)));
  text += "\n";
  if (const std::string unknown = matrix.contention ? untold(*matrix.contention, true) : "";
      !unknown.empty())
    text += "unknown   " + unknown + "\n";
  text += fmt::format("verdict   {}\n", name_of(matrix.verdict.level));
  for (const Reason& reason : matrix.verdict.reasons) text += "          - " + reason.text + "\n";
  return text;
}

std::string matrix_csv(const Matrix& matrix) {
  std::string text =
      "connections,depth,server,skipped,rate,rate_low,rate_high,p50_ns,p99_ns,cpu_ns\n";
  for (const Cell& cell : matrix.cells)
    for (const CellResult& result : cell.results) {
      text += fmt::format("{},{},{},{}", cell.connections, cell.depth, csv_field(result.variant),
                          csv_field(result.skipped));
      if (result.rates.empty()) {
        text += ",,,,,,\n";
        continue;
      }
      text += fmt::format(",{:.1f},{:.1f},{:.1f},{},{},", result.rate.middle, result.rate.low,
                          result.rate.high, result.latency.percentile(50).count(),
                          result.latency.percentile(99).count());
      text += (result.cpu_per_message ? fmt::format("{:.0f}", *result.cpu_per_message) : "") + "\n";
    }
  return text;
}

}  // namespace asyncd::bench
