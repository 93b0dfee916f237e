#include "cmd/asyncd/send/progress.h"

#include <fmt/core.h>

#include <algorithm>

#include "cmd/asyncd/bench/format.h"

namespace asyncd::send {

namespace {

constexpr std::uint64_t bar_width = 20;

std::string bar(std::uint64_t sent, std::uint64_t size) {
  const double part = size == 0 ? 1.0 : std::min(1.0, static_cast<double>(sent) / static_cast<double>(size));
  const auto full = static_cast<std::size_t>(part * bar_width);
  return fmt::format("[{}{}] {:3.0f} %  ", std::string(full, '#'), std::string(bar_width - full, ' '), part * 100);
}

}  // namespace

std::string describe(const Standing& standing) {
  return fmt::format("{}  {}{} sent, {} received{}", standing.name,
                     standing.size ? bar(standing.sent, *standing.size) : "", bench::show_bytes(standing.sent),
                     bench::show_bytes(standing.received),
                     !standing.over             ? ""
                     : standing.failure.empty() ? "; done"
                                                : "; failed");
}

void Progress::show(const std::vector<Standing>& standings) {
  if (form_ == Form::none) return;
  std::string text;
  // Nothing is wrapped meanwhile: each line stays one line, however narrow the terminal.
  if (form_ == Form::block) text = (drawn_ != 0 ? fmt::format("\x1b[{}A", drawn_) : "") + "\x1b[?7l";
  for (const Standing& standing : standings)
    text += (form_ == Form::block ? "\x1b[2K" : "") + describe(standing) + "\n";
  if (form_ == Form::block) text += "\x1b[?7h", drawn_ = standings.size();
  write_(text);
}

void Progress::hide() {
  if (drawn_ != 0) write_(fmt::format("\x1b[{}A\x1b[J", drawn_));
  drawn_ = 0;
}

}  // namespace asyncd::send
