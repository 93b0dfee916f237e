#include "cmd/bench/show/progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cmd/cli/format.h"
#include "cmd/cli/json.h"
#include "core/text/escape.h"

namespace asyncd::bench {

namespace {

constexpr int block_lines = 3;
constexpr int bar_width = 40;

}  // namespace

void Progress::begin(const std::string& title, Duration duration) {
  end();
  title_ = title;
  duration_ = duration;
  failed_ = 0;
  if (form_ == ProgressForm::lines) write_(title + "\n");
}

std::string Progress::block(const Second& second) const {
  std::string bar;
  if (duration_ != unlimited_time) {
    const double part = std::min(1.0, std::chrono::duration<double>(second.at) / duration_);
    const int full = static_cast<int>(part * bar_width);
    bar = fmt::format("[{}{}] {:3.0f} %", std::string(static_cast<std::size_t>(full), '#'),
                      std::string(static_cast<std::size_t>(bar_width - full), ' '), part * 100);
  } else {
    bar = show_time(second.at);
  }
  // Nothing is wrapped meanwhile: each line stays one line, however narrow the terminal.
  return fmt::format("\x1b[?7l\x1b[2K{}\n\x1b[2K{}\n\x1b[2K{}\x1b[?7h\n", title_, bar,
                     figures(second));
}

std::string Progress::figures(const Second& second) const {
  return fmt::format("{}/s  p50 {}  p99 {}  {} failed  {}", show_count(second.rate()),
                     show_time(second.p50), show_time(second.p99), show_count(double(failed_)),
                     show_connections(second.connections));
}

void Progress::second(const Second& second) {
  failed_ += second.failed;
  switch (form_) {
    case ProgressForm::none:
      break;
    case ProgressForm::block:
      write_((drawn_ ? fmt::format("\x1b[{}A", block_lines) : "") + block(second));
      drawn_ = true;
      break;
    case ProgressForm::lines:
      write_(fmt::format("{:>8}  {}\n", show_time(second.at), figures(second)));
      break;
    case ProgressForm::json:
      write_(json_text({{"run", title_},
                        {"at_ns", second.at.count()},
                        {"rate", std::round(second.rate() * 10) / 10},
                        {"answered", second.answered},
                        {"failed", second.failed},
                        {"connections", second.connections},
                        {"p50_ns", second.p50.count()},
                        {"p99_ns", second.p99.count()},
                        {"max_ns", second.max.count()}}));
      break;
  }
}

void Progress::note(const std::string& line) {
  if (form_ == ProgressForm::block || form_ == ProgressForm::lines) {
    end();
    write_(text::shown_lines(line) + "\n");
  } else if (form_ == ProgressForm::json) {
    write_(json_text({{"note", line}}));
  }
}

void Progress::end() {
  // Up to where the block began, and nothing from there on.
  if (drawn_) write_(fmt::format("\x1b[{}A\x1b[J", block_lines));
  drawn_ = false;
}

}  // namespace asyncd::bench
