#include "cmd/bench/show/report.h"
#include "cmd/bench/show/matrix_output.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cmd/bench/show/chart.h"
#include "cmd/cli/format.h"

namespace asyncd::bench {

namespace {

constexpr std::size_t most_lines = 6;  // of a chart: more cannot be told apart

std::string show_as_time(double value) {
  return value == 0 ? "0" : show_time(Duration(static_cast<std::int64_t>(value)));
}

Interval point(double value) { return {value, value, value}; }

// Each nine as far from the last one as that from the one before.
double place_of(double part) { return -std::log10(1 - part); }

Axis percentile_axis(double end) {
  constexpr std::pair<double, const char*> marks[] = {{0.5, "p50"},       {0.9, "p90"},
                                                      {0.99, "p99"},      {0.999, "p99.9"},
                                                      {0.9999, "p99.99"}, {0.99999, "p99.999"}};
  Axis axis{{}, end};
  for (const auto& [part, label] : marks)
    if (place_of(part) <= end) axis.ticks.push_back({place_of(part), label});
  return axis;
}

// Powers of ten of a nanosecond, up from the first one: most of a curve is far below its end.
Axis decades(int first, int last) {
  Axis axis{{}, double(last - first)};
  for (int power = first; power <= last; ++power)
    axis.ticks.push_back({double(power - first), show_as_time(std::pow(10, power))});
  return axis;
}

// The times up to which a part of all messages was answered.
Line percentile_line(std::size_t colour, std::string name, const Histogram& times) {
  Line line{colour, std::move(name), {}};
  const auto all = static_cast<double>(times.count());
  double below = 0, last = -1;
  for (const auto& [time, count] : times.cells()) {
    const double from = place_of(below / all);
    below += static_cast<double>(count);
    const double to = below >= all ? place_of(1 - 0.5 / all) : place_of(below / all);
    const double height = std::log10(std::max<double>(1, static_cast<double>(time.count())));
    if (from - last > 0.004) line.points.push_back({from, height});
    line.points.push_back({to, height});
    last = to;
  }
  return line;
}

Chart percentile_chart(std::string title, std::vector<Line> lines) {
  double right = 1, bottom = 0, top = 0;
  for (const Line& line : lines)
    if (!line.points.empty()) {
      right = std::max(right, line.points.back().x);
      bottom = bottom == 0 ? line.points.front().y : std::min(bottom, line.points.front().y);
      top = std::max(top, line.points.back().y);
    }
  const int first = static_cast<int>(std::floor(bottom));
  const int last = std::max(first + 1, static_cast<int>(std::ceil(top)));
  for (Line& line : lines)
    for (auto& point : line.points) point.y -= first;
  return line_chart(std::move(title), lines, percentile_axis(right), decades(first, last));
}

template <class Value>
Chart series_chart(std::string title, std::span<const Run* const> runs, const Show& show,
                   Value value) {
  std::vector<Line> lines;
  double right = 1, top = 0;
  for (const Run* run : runs) {
    Line& line = lines.emplace_back(Line{lines.size(), run->title, {}});
    for (const Second& second : run->seconds) {
      const double at = std::chrono::duration<double>(second.at).count();
      line.points.push_back({at, value(second)});
      right = std::max(right, at);
      top = std::max(top, value(second));
    }
  }
  const Axis time = round_axis(right, [](double at) { return fmt::format("{:g} s", at); });
  return line_chart(std::move(title), lines, time, round_axis(top, show));
}

// Behind a title: not all are drawn.
std::string first_of(std::size_t shown, std::size_t all, const char* things) {
  return shown >= all ? "" : fmt::format(" (the first {} of {} {})", shown, all, things);
}

Chart rate_chart(const Cell& cell) {
  std::vector<Bar> bars;
  for (const CellResult& result : cell.results) {
    Bar& bar = bars.emplace_back(Bar{bars.size(), result.variant, result.skipped, std::nullopt});
    if (result.rates.empty()) continue;
    bar.text = show_count(result.rate.middle);
    bar.value = result.rate;
  }
  return bar_chart("Messages a second", bars);
}

std::vector<Bar> costs_of(const Cell& cell) {
  std::vector<Bar> bars;
  for (std::size_t i = 0; i < cell.results.size(); ++i)
    if (const auto cost = cell.results[i].cpu_per_message)
      bars.push_back({i, cell.results[i].variant, show_as_time(*cost), point(*cost)});
  return bars;
}

Chart times_chart(const Cell& cell) {
  std::vector<Line> lines;
  std::size_t all = 0;
  for (std::size_t i = 0; i < cell.results.size(); ++i) {
    const CellResult& result = cell.results[i];
    if (result.latency.count() == 0) continue;
    ++all;
    if (i < most_lines) lines.push_back(percentile_line(i, result.variant, result.latency));
  }
  return percentile_chart("Time of a reply" + first_of(lines.size(), all, "servers"), lines);
}

ChartRow row_of(const Cell& cell, std::string heading) {
  ChartRow row{std::move(heading), {rate_chart(cell), times_chart(cell)}};
  if (const std::vector<Bar> costs = costs_of(cell); !costs.empty())
    row.charts.push_back(bar_chart("Processor time a message", costs));
  return row;
}

// Of `all` runs, these.
ChartRow row_of(std::span<const Run* const> runs, std::size_t all) {
  ChartRow row{all == 1 ? runs.front()->title : fmt::format("{} runs", all), {}};
  const std::string which = first_of(runs.size(), all, "runs");
  std::vector<Line> lines;
  std::vector<Bar> rates, costs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = *runs[i];
    lines.push_back(percentile_line(i, run.title, run.latency));
    rates.push_back({i, run.title, show_count(run.rate), point(run.rate)});
    if (run.cpu_per_message)
      costs.push_back(
          {i, run.title, show_as_time(*run.cpu_per_message), point(*run.cpu_per_message)});
  }
  for (const Run* run : runs)
    if (run->service)
      lines.push_back(percentile_line(lines.size(), "service: " + run->title, *run->service));
  const std::size_t curves = lines.size();
  lines.resize(std::min(curves, most_lines));
  row.charts.push_back(bar_chart("Messages a second" + which, rates));
  row.charts.push_back(percentile_chart(
      "Time of a reply" + which + first_of(lines.size(), curves, "curves"), lines));
  row.charts.push_back(series_chart("Messages a second, over time" + which, runs, show_count,
                                    [](const Second& second) { return second.rate(); }));
  row.charts.push_back(
      series_chart("p99 of each second" + which, runs, show_as_time,
                   [](const Second& second) { return static_cast<double>(second.p99.count()); }));
  if (!costs.empty()) row.charts.push_back(bar_chart("Processor time a message" + which, costs));
  return row;
}

std::string handlers_of(const Matrix& matrix) {
  std::string handlers;
  for (const std::string& handler : matrix.handlers)
    handlers += (handlers.empty() ? "" : ", ") + handler;
  return handlers;
}

// Runs share their row; of a matrix each cell has one.
std::vector<ChartRow> rows_of(std::span<const Results> all) {
  std::vector<ChartRow> rows;
  std::vector<const Run*> runs;
  for (const Results& results : all)
    if (const Run* const run = std::get_if<Run>(&results.content)) runs.push_back(run);
  const std::size_t shown = std::min(runs.size(), most_lines);
  if (shown != 0)
    rows.push_back(row_of(std::span<const Run* const>(runs.data(), shown), runs.size()));
  for (const Results& results : all)
    if (const Matrix* const matrix = std::get_if<Matrix>(&results.content))
      for (const Cell& cell : matrix->cells)
        rows.push_back(row_of(cell, handlers_of(*matrix) + ", " + title_of(cell)));
  return rows;
}

const Verdict& shown_verdict(const Results& results) {
  if (const Run* const run = std::get_if<Run>(&results.content)) return run->verdict;
  return std::get<Matrix>(results.content).verdict;
}

std::string name_of(const Results& results) {
  if (const Run* const run = std::get_if<Run>(&results.content))
    return run->title + ", " + run->time;
  const Matrix& matrix = std::get<Matrix>(results.content);
  return fmt::format("{}, {} repeats, {}", handlers_of(matrix), matrix.repeats, matrix.time);
}

std::string verdict_section(const Results& results) {
  const Verdict& verdict = shown_verdict(results);
  std::string text = fmt::format("<p class=\"verdict {0}\"><b>{0}</b> {1}</p>\n",
                                 name_of(verdict.level), escaped(name_of(results)));
  if (verdict.reasons.empty()) return text;
  text += "<ul>\n";
  for (const Reason& reason : verdict.reasons) text += "<li>" + escaped(reason.text) + "</li>\n";
  return text + "</ul>\n";
}

// What matrix prints, which is a table in itself.
std::string words_of(const Results& results) {
  const Matrix* const matrix = std::get_if<Matrix>(&results.content);
  return matrix == nullptr ? ""
                           : "<pre tabindex=\"0\">" + escaped(matrix_table(*matrix)) + "</pre>\n";
}

std::string section_of(const ChartRow& row) {
  std::string text = "<section><h2>" + escaped(row.heading) + "</h2><div class=\"charts\">\n";
  for (const Chart& chart : row.charts)
    text += "<figure><figcaption>" + escaped(chart.title) + "</figcaption>" + svg_of(row, chart) +
            "</figure>\n";
  return text + "</div></section>\n";
}

std::string environment_row(const std::string& key, const std::string& value) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(key),
                     escaped(value));
}

// A row for what is the same in all files, else one for each file.
std::string environment_section(std::span<const Results> all) {
  std::vector<std::string> keys;
  for (const Results& results : all)
    for (const auto& [key, value] : results.environment)
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  std::string text = "<table>\n";
  for (const std::string& key : keys) {
    const std::string value = all.front().value_of(key);
    const bool same = std::all_of(all.begin(), all.end(), [&](const Results& results) {
      return results.value_of(key) == value;
    });
    if (same) text += environment_row(key, value);
    if (same) continue;
    for (const Results& results : all)
      text += environment_row(key + ", " + results.file, results.value_of(key));
  }
  return text + "</table>\n";
}

constexpr const char* page_style = R"(
body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;padding:1rem;max-width:72rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1.5rem}
figure{margin:0;min-width:0;break-inside:avoid}figcaption{font-weight:600;margin-bottom:.5rem}
svg{display:block;width:100%;height:auto;max-width:36rem}
.verdict{border-left:.4rem solid var(--c2);padding:.4rem .8rem;background:var(--ground);overflow-wrap:anywhere}
.SUSPECT{border-color:var(--c5)}.INVALID{border-color:var(--c4)}
pre{overflow-x:auto;background:var(--ground);padding:.8rem;font:13px/1.4 ui-monospace,monospace}
table{border-collapse:collapse;font-size:.9rem;table-layout:fixed;width:100%}
th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
th,td{border-top:1px solid var(--rule);overflow-wrap:anywhere}
th{width:11rem;font-weight:normal;color:var(--faint)}
@media(max-width:30rem){th{width:7rem}}
@media print{body{max-width:none}pre{white-space:pre-wrap;overflow:visible}}
)";

}  // namespace

std::string report_page(std::span<const Results> all) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>asyncd "
      "bench</title>\n<style>{}{}</style>\n"
      "<h1>asyncd bench</h1>\n",
      chart_style, page_style);
  for (const Results& results : all) page += verdict_section(results);
  for (const ChartRow& row : rows_of(all)) page += section_of(row);
  for (const Results& results : all) page += words_of(results);
  page += "<h2>Where it was measured</h2>\n" + environment_section(all);
  return page + "</html>\n";
}

std::string report_drawing(std::span<const Results> all) { return svg_file_of(rows_of(all)); }

}  // namespace asyncd::bench
