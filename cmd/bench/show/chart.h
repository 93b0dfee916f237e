// Chart: drawings as SVG, in units that are pixels where there is room: narrow, so that they can be
// read on a phone, too. Colours are those of the page around them. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/bench/statistics/statistics.h"

namespace asyncd::bench {

struct Chart {
  static constexpr int width = 480;
  std::string title;
  int height = 0;
  std::string body;
};

// What belongs together: it stands in a row of its own, below its heading.
struct ChartRow {
  std::string heading;
  std::vector<Chart> charts;
};

struct Point {
  double x = 0, y = 0;
};

struct Line {
  std::size_t colour = 0;  // the same for the same thing in all charts of a page
  std::string name;
  std::vector<Point> points;  // from left to right
};

struct Tick {
  double at = 0;
  std::string label;
};

struct Axis {
  std::vector<Tick> ticks;
  double end = 1;  // it begins at 0
};

using Show = std::function<std::string(double)>;

// From 0 to a round number that is not less than `most`.
Axis round_axis(double most, const Show& show);

Chart line_chart(std::string title, std::span<const Line> lines, const Axis& x, const Axis& y);

struct Bar {
  std::size_t colour = 0;
  std::string name;
  std::string text;               // its value in words, or why there is none
  std::optional<Interval> value;  // with low == high there is nothing to show of it
};

Chart bar_chart(std::string title, std::span<const Bar> bars);

std::string escaped(std::string_view text);  // for HTML and SVG

// One drawing for a page, and all of them below each other as a file of their own.
std::string svg_of(const ChartRow& row, const Chart& chart);
std::string svg_file_of(std::span<const ChartRow> rows);

extern const char* const chart_style;  // CSS

}  // namespace asyncd::bench
