#include "core/log/writer.h"

#include <new>
#include <thread>

#include "core/text/error_text.h"

namespace asyncd::log {

namespace {

constexpr std::chrono::milliseconds second{1000};

}  // namespace

Result<std::shared_ptr<Writer>> Writer::start(std::unique_ptr<Output> output, Style style) {
  std::shared_ptr<Writer> writer(new Writer(std::move(output), style));
  Result<Thread> thread = Thread::start(0, [writer] { writer->run(); });
  if (!thread) return thread.error();
  writer->thread_ = std::move(*thread);
  return writer;
}

void Writer::write(Level level, Event event, std::string_view message, Fields fields) noexcept {
  try {
    std::string line = format_line(style_, level, event, message, fields);
    line += line_end;
    ++queued_;
    queue_.enqueue_nowait(std::move(line));
  } catch (const std::bad_alloc&) {
    ++lost_;
  }
}

std::uint64_t Writer::dropped() { return lost_ + queue_.overrun_counter(); }

void Writer::use(std::unique_ptr<Output> output, Style style) {
  const std::lock_guard lock(next_mutex_);
  next_output_ = std::move(output);
  style_ = style;
}

bool Writer::flush(Duration patience) {
  constexpr Duration slice = std::chrono::milliseconds(2);
  const std::uint64_t wanted = queued_;
  const Instant deadline = after(Clock::now(), patience);
  while (taken_ + queue_.overrun_counter() < wanted) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(slice);
  }
  return true;
}

bool Writer::stop(Duration patience) {
  std::future<void> end = ended_.get_future();
  queue_.enqueue_nowait(std::nullopt);
  if (end.wait_for(patience) == std::future_status::ready) {
    thread_.join();
    return true;
  }
  thread_.detach();
  return false;
}

void Writer::run() {
  begin_writing();
  for (bool more = true; more;) {
    std::optional<std::string> line;
    const bool waited_in_vain = !queue_.dequeue_for(line, second);
    take_output();
    tell(Clock::now());
    if (waited_in_vain) continue;
    more = line.has_value();
    if (more && !put(std::move(*line))) ++lost_;
    ++taken_;
  }
  next_tell_dropped_ = {};
  next_tell_left_out_ = {};
  tell(never);
  ended_.set_value();
}

void Writer::take_output() {
  std::unique_ptr<Output> next;
  {
    const std::lock_guard lock(next_mutex_);
    next = std::move(next_output_);
  }
  // The same one keeps what it knows of a line that was begun.
  if (next == nullptr || next->same_file(*output_)) return;
  if (const std::error_code error = output_->finish()) {
    failure_ = error;
    ++lost_;
  }
  output_ = std::move(next);
}

void Writer::tell(Instant now) {
  try {
    static_cast<void>(output_->finish());
    tell_dropped(now);
    tell_left_out(now);
  } catch (const std::bad_alloc&) {
    // There may be memory for it when the next line comes.
  }
}

// Before the line that comes after the gap.
void Writer::tell_dropped(Instant now) {
  const std::uint64_t lost = dropped();
  if (lost == told_ || now < next_tell_dropped_) return;
  const std::uint64_t count = lost - told_;
  const std::error_code failure = failure_;
  const std::string why = failure ? error_text(failure.value()) : "";
  const bool told =
      failure ? put("log_dropped", "log lines were dropped", {{"count", count}, {"err", why}})
              : put("log_dropped", "log lines were dropped", {{"count", count}});
  if (!told) return;
  told_ = lost;
  failure_ = {};
  next_tell_dropped_ = after(now, second);
}

void Writer::tell_left_out(Instant now) {
  if (now < next_tell_left_out_) return;
  next_tell_left_out_ = after(now, second);
  for (Quota::LeftOut& part : Quota::take_left_out(now))
    if (!put("log_left_out", "a handler logs too much; lines were left out",
             {{"handler", part.source}, {"count", part.lines}}))
      Quota::give_back(std::move(part));
}

bool Writer::put(Event event, std::string_view message, Fields fields) {
  std::string line = format_line(style_, Level::warn, event, message, fields);
  line += line_end;
  return put(std::move(line));
}

bool Writer::put(std::string&& line) noexcept {
  const std::error_code error = output_->write(std::move(line));
  if (error) failure_ = error;
  return !error;
}

}  // namespace asyncd::log
