#include "core/log/async_logger.h"

#include <new>
#include <thread>
#include <utility>

#include "core/text/error_text.h"

namespace asyncd::log {

Result<std::shared_ptr<AsyncLogger>> AsyncLogger::start(std::unique_ptr<Sink> sink, Style style) {
  std::shared_ptr<AsyncLogger> logger(new AsyncLogger(std::move(sink), style));
  Result<Thread> thread = Thread::start(0, [logger] { logger->run(); });
  if (!thread) return thread.error();
  logger->thread_ = std::move(*thread);
  return logger;
}

void AsyncLogger::write(Level level, Event event, std::string_view message,
                        Fields fields) noexcept {
  try {
    std::string line = line_of(level, event, message, fields);
    ++queued_;
    queue_.enqueue_nowait(std::move(line));
  } catch (const std::bad_alloc&) {
    ++lost_;
  }
}

std::uint64_t AsyncLogger::dropped() { return lost_ + queue_.overrun_counter(); }

void AsyncLogger::flush(Duration patience) {
  constexpr Duration slice = std::chrono::milliseconds(2);
  const std::uint64_t wanted = queued_;
  const Instant deadline = after(Clock::now(), patience);
  while (taken_ + queue_.overrun_counter() < wanted && Clock::now() < deadline)
    std::this_thread::sleep_for(slice);
}

void AsyncLogger::change(std::unique_ptr<Sink> sink, Style style) {
  const std::lock_guard lock(next_mutex_);
  next_sink_ = std::move(sink);
  style_ = style;
}

bool AsyncLogger::stop(Duration patience) {
  std::future<void> end = ended_.get_future();
  queue_.enqueue_nowait({});
  if (end.wait_for(patience) == std::future_status::ready) {
    thread_.join();
    return true;
  }
  thread_.detach();
  return false;
}

std::string AsyncLogger::line_of(Level level, Event event, std::string_view message,
                                 Fields fields) const {
  std::string line = format_line(style_, level, event, message, fields);
  line += line_end;
  return line;
}

void AsyncLogger::run() {
  begin_writing();
  for (bool more = true; more;) {
    std::string line;
    const bool arrived = queue_.dequeue_for(line, second);
    take_next_sink();
    report(Clock::now());  // before the line that comes after the gap
    if (!arrived) continue;
    more = !line.empty();
    if (more && !put(std::move(line))) ++lost_;
    ++taken_;
  }
  next_report_of_dropped_ = {};
  next_report_of_left_out_ = {};
  report(never);
  ended_.set_value();
}

void AsyncLogger::take_next_sink() {
  std::unique_ptr<Sink> next;
  {
    const std::lock_guard lock(next_mutex_);
    next = std::move(next_sink_);
  }
  // A sink of the same file does not replace the one that may have to finish a line.
  if (next == nullptr || next->same_file(*sink_)) return;
  if (const std::error_code error = sink_->finish()) {
    failure_ = error;
    ++lost_;
  }
  sink_ = std::move(next);
}

void AsyncLogger::report(Instant now) {
  try {
    static_cast<void>(sink_->finish());
    report_dropped(now);
    report_left_out(now);
  } catch (const std::bad_alloc&) {
    // There may be memory for it when the next line comes.
  }
}

void AsyncLogger::report_dropped(Instant now) {
  const std::uint64_t count = dropped() - reported_;
  if (count == 0 || now < next_report_of_dropped_) return;
  const std::string why = failure_ ? error_text(failure_.value()) : "";
  if (!put(line_of(Level::warn, "log_dropped", "log lines were dropped",
                   {{"count", count}, {failure_ ? "err" : "", why}})))
    return;
  reported_ += count;
  failure_ = {};
  next_report_of_dropped_ = after(now, second);
}

void AsyncLogger::report_left_out(Instant now) {
  if (now < next_report_of_left_out_) return;
  next_report_of_left_out_ = after(now, second);
  for (const auto& [source, lines] : SourceLimit::take_left_out(now))
    if (!put(line_of(Level::warn, "log_left_out", "a handler logs too much; lines were left out",
                     {{"handler", source}, {"count", lines}})))
      SourceLimit::give_back(source, lines);
}

bool AsyncLogger::put(std::string&& line) noexcept {
  const std::error_code error = sink_->write(std::move(line));
  if (error) failure_ = error;
  return !error;
}

}  // namespace asyncd::log
