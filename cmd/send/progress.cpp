#include "cmd/send/progress.h"

#include <fmt/core.h>

#include <algorithm>

#include "cmd/cli/format.h"

namespace asyncd::send {

namespace {

constexpr std::uint64_t bar_width = 20;
constexpr std::size_t most_lines = 16;  // of a block, which must fit on the terminal

std::string bar(std::uint64_t sent, std::uint64_t size) {
  const double part =
      size == 0 ? 1.0 : std::min(1.0, static_cast<double>(sent) / static_cast<double>(size));
  const auto full = static_cast<std::size_t>(part * bar_width);
  return fmt::format("[{}{}] {:3.0f} %  ", std::string(full, '#'),
                     std::string(bar_width - full, ' '), part * 100);
}

// Of those that have no line of their own.
std::string sum_up(std::span<const ServerStatus> statuses) {
  std::uint64_t sent = 0, received = 0, over = 0;
  for (const ServerStatus& status : statuses) {
    sent += status.sent;
    received += status.received;
    over += status.over ? 1 : 0;
  }
  return fmt::format("and {} more  {} sent, {} received; {} over", statuses.size(),
                     show_bytes(sent), show_bytes(received), over);
}

}  // namespace

std::string describe(const ServerStatus& status) {
  const char* const outcome = status.failure.empty() ? "; done" : "; failed";
  return fmt::format("{}  {}{} sent, {} received{}", status.name,
                     status.size ? bar(status.sent, *status.size) : "", show_bytes(status.sent),
                     show_bytes(status.received), status.over ? outcome : "");
}

void Progress::show(const std::vector<ServerStatus>& statuses) {
  if (form_ == Form::block) return draw(statuses);
  if (form_ == Form::none) return;
  std::string text;
  for (const ServerStatus& status : statuses) text += describe(status) + "\n";
  write_(text);
}

void Progress::draw(std::span<const ServerStatus> statuses) {
  const std::size_t shown = statuses.size() <= most_lines ? statuses.size() : most_lines - 1;
  // Nothing is wrapped meanwhile: each line stays one line, however narrow the terminal.
  std::string text = (drawn_ != 0 ? fmt::format("\x1b[{}A", drawn_) : "") + "\x1b[?7l";
  for (const ServerStatus& status : statuses.first(shown))
    text += "\x1b[2K" + describe(status) + "\n";
  if (shown < statuses.size()) text += "\x1b[2K" + sum_up(statuses.subspan(shown)) + "\n";
  write_(text + "\x1b[?7h");
  drawn_ = std::min(statuses.size(), most_lines);
}

void Progress::hide() {
  if (drawn_ != 0) write_(fmt::format("\x1b[{}A\x1b[J", drawn_));
  drawn_ = 0;
}

}  // namespace asyncd::send
