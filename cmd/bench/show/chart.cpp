#include "cmd/bench/show/chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/text/escape.h"

namespace asyncd::bench {

namespace {

constexpr std::size_t colours = 6;
constexpr int line_height = 18;
constexpr int plot_left = 64, plot_right = Chart::width - 16, plot_height = 200;

std::string text_at(double x, double y, std::string_view anchor, std::string_view text,
                    std::string_view kind = "") {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>)", x, y, anchor,
                     kind.empty() ? "" : fmt::format(R"( class="{}")", kind), escaped(text));
}

// Of a curve or a bar; what is beyond the colours has none, rather than that of another one.
std::string class_of(char kind, std::size_t colour) {
  return colour < colours ? fmt::format("{}{}", kind, colour) : fmt::format("{}x", kind);
}

std::string rule(double x1, double y1, double x2, double y2) {
  return fmt::format(R"(<line class="rule" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", x1,
                     y1, x2, y2);
}

// As much of it as there is room for, whatever the font.
std::string shortened(const std::string& name, std::size_t most) {
  return name.size() <= most ? name : std::string(text::beginning(name, most - 3)) + "...";
}

// Below the plot, each in a row of its own: as many as fit in a row would be a matter of fonts.
std::string legend(std::span<const Line> lines, int top) {
  constexpr int left = 4;
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double y = top + double(i) * line_height;
    text += fmt::format(R"(<rect class="{}" x="{}" y="{:.1f}" width="14" height="4"/>)",
                        class_of('s', lines[i].colour), left, y - 6);
    text += text_at(left + 20, y, "start", shortened(lines[i].name, 60));
  }
  return text;
}

// No page and no drawing may have these.
bool is_control(char letter) {
  const auto code = static_cast<unsigned char>(letter);  // a char may be signed or not
  return (code < 0x20 && letter != '\n' && letter != '\t') || code == 0x7f;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '<')
      out += "&lt;";
    else if (letter == '>')
      out += "&gt;";
    else if (letter == '&')
      out += "&amp;";
    else if (letter == '"')
      out += "&quot;";
    else if (is_control(letter))
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    else
      out += letter;
  }
  return out;
}

Axis round_axis(double most, const Show& show) {
  if (!(most > 0)) most = 1;
  const double rough = most / 4, power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough) break;
  }
  Axis axis;
  axis.end = std::ceil(most / step - 1e-9) * step;
  for (int i = 0; i * step <= axis.end * (1 + 1e-9); ++i)
    axis.ticks.push_back({i * step, show(i * step)});
  return axis;
}

Chart line_chart(std::string title, std::span<const Line> lines, const Axis& x, const Axis& y) {
  constexpr int top = 14, bottom = top + plot_height;
  const auto across = [&](double at) {
    return plot_left + (plot_right - plot_left) * std::min(1.0, at / x.end);
  };
  const auto up = [&](double at) { return bottom - plot_height * std::min(1.0, at / y.end); };
  std::string body;
  for (const Tick& tick : y.ticks) {
    body += rule(plot_left, up(tick.at), plot_right, up(tick.at));
    body += text_at(plot_left - 6, up(tick.at) + 4, "end", tick.label, "tick");
  }
  for (const Tick& tick : x.ticks) {
    body += rule(across(tick.at), bottom, across(tick.at), bottom + 4);
    const bool at_end = across(tick.at) > plot_right - 20;
    body += text_at(at_end ? Chart::width : across(tick.at), bottom + 18, at_end ? "end" : "middle",
                    tick.label, "tick");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string points;
    Point last{-1, -1};
    for (const Point& point : lines[i].points) {
      const Point here{across(point.x), up(point.y)};
      const bool seen = std::abs(here.x - last.x) < 0.7 && std::abs(here.y - last.y) < 0.7;
      if (seen && &point != &lines[i].points.back()) continue;
      points += fmt::format("{:.1f},{:.1f} ", here.x, here.y);
      last = here;
    }
    body += fmt::format(R"(<polyline class="{}" points="{}"/>)", class_of('l', lines[i].colour),
                        points);
  }
  const int legend_top = bottom + 18 + line_height + 4;
  body += legend(lines, legend_top);
  return {std::move(title), legend_top + static_cast<int>(lines.size()) * line_height,
          std::move(body)};
}

Chart bar_chart(std::string title, std::span<const Bar> bars) {
  constexpr int row = 38, left = 4, right = Chart::width - 4;
  double most = 0;
  for (const Bar& bar : bars)
    if (bar.value) most = std::max(most, bar.value->high);
  const auto across = [&](double at) { return left + (right - left) * (most > 0 ? at / most : 0); };
  std::string body;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const double top = double(i) * row;
    body += text_at(left, top + 14, "start", shortened(bar.name, 48)) +
            text_at(right, top + 14, "end", bar.text);
    body += fmt::format(R"(<rect class="ground" x="{}" y="{:.1f}" width="{}" height="12"/>)", left,
                        top + 20, right - left);
    if (!bar.value) continue;
    body +=
        fmt::format(R"(<rect class="{}" x="{}" y="{:.1f}" width="{:.1f}" height="12"/>)",
                    class_of('s', bar.colour), left, top + 20, across(bar.value->middle) - left);
    if (bar.value->low == bar.value->high) continue;
    const double low = across(bar.value->low), high = across(bar.value->high), middle = top + 26;
    body += fmt::format(
        R"(<path class="interval" d="M{0:.1f} {2:.1f}H{1:.1f}M{0:.1f} {3:.1f}V{4:.1f}M{1:.1f} )"
        R"({3:.1f}V{4:.1f}"/>)",
        low, high, middle, middle - 4, middle + 4);
  }
  return {std::move(title), static_cast<int>(bars.size()) * row + 4, std::move(body)};
}

std::string svg_of(const ChartRow& row, const Chart& chart) {
  return fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}: {}">{}</svg>)",
                     Chart::width, chart.height, escaped(row.heading), escaped(chart.title),
                     chart.body);
}

std::string svg_file_of(std::span<const ChartRow> rows) {
  constexpr int heading = 40, head = 28, gap = 20;
  std::string body;
  int height = 0;
  for (const ChartRow& row : rows) {
    body += text_at(4, height + 24, "start", row.heading, "heading") + "\n";
    height += heading;
    for (const Chart& chart : row.charts) {
      body += fmt::format(
          "<g transform=\"translate(0 {})\">{}<g transform=\"translate(0 {})\">{}</g></g>\n",
          height, text_at(4, 18, "start", chart.title, "title"), head, chart.body);
      height += head + chart.height + gap;
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-8 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\">\n"
      "<style>{2}svg{{background:var(--paper)}}</style>\n{3}</svg>\n",
      Chart::width + 16, height, chart_style, body);
}

const char* const chart_style = R"(
:root{--paper:#ffffff;--ink:#1c2430;--faint:#5b6675;--rule:#d8dde4;--ground:#eef1f5;
--c0:#1f6fb4;--c1:#c2571a;--c2:#2f8f4e;--c3:#8a4bb0;--c4:#b03a5b;--c5:#7a6a12}
@media(prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e6eaf0;--faint:#9aa5b4;--rule:#2f3843;--ground:#1e252e;
--c0:#5fa8e8;--c1:#ee8f52;--c2:#62c184;--c3:#bd8ae0;--c4:#ea7d9c;--c5:#cdb84d}}
@media print{:root{--paper:#ffffff;--ink:#000000;--faint:#444444;--rule:#cccccc;--ground:#eeeeee;
--c0:#1f6fb4;--c1:#c2571a;--c2:#2f8f4e;--c3:#8a4bb0;--c4:#b03a5b;--c5:#7a6a12}}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .tick{font-size:11px;fill:var(--faint)}
svg .title{font-weight:600}
svg .heading{font-weight:600;font-size:17px}
svg .rule{stroke:var(--rule)}
svg .ground{fill:var(--ground)}
svg .interval{stroke:var(--ink);stroke-width:1.5;fill:none}
svg polyline{fill:none;stroke-width:2;stroke-linejoin:round}
.s0{fill:var(--c0)}.s1{fill:var(--c1)}.s2{fill:var(--c2)}.s3{fill:var(--c3)}.s4{fill:var(--c4)}.s5{fill:var(--c5)}
.sx{fill:var(--faint)}.lx{stroke:var(--faint)}
.l0{stroke:var(--c0)}.l1{stroke:var(--c1)}.l2{stroke:var(--c2)}
.l3{stroke:var(--c3)}.l4{stroke:var(--c4)}.l5{stroke:var(--c5)}
)";

}  // namespace asyncd::bench
