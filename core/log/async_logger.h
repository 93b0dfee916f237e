// AsyncLogger: a queue of lines and the thread that writes them to the Sink. A thread that logs
// leaves its line in the queue and goes on; where the queue is full the oldest line is dropped. The
// logger's thread reports what was dropped, at most once a second and also where no more lines
// come. Owned by log.cpp and by its own thread, because stop may have to leave that thread behind.
//
// The queue with its overrun policy and counter is spdlog's. The thread is ours, because spdlog's
// thread pool does not keep what the log promises. Its destructor waits until all lines are
// written, so a full pipe would keep the process from ending. It wakes for messages only, so
// another thread would have to send it some when a report is due, and these would be dropped, and
// counted, like lines. Each slot of its queue holds a buffer of 250 bytes, which is 3 MB in all.
#pragma once

#include <spdlog/common.h>
#include <spdlog/details/mpmc_blocking_q.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>

#include "core/base/thread.h"
#include "core/log/format.h"
#include "core/log/sink.h"

namespace asyncd::log {

class AsyncLogger {
 public:
  // 71: the thread cannot be started.
  static Result<std::shared_ptr<AsyncLogger>> start(std::unique_ptr<Sink> sink, Style style);

  // Any thread. flush waits until all lines that are queued now are written.
  void write(Level level, Event event, std::string_view message, Fields fields) noexcept;
  std::uint64_t dropped();
  void flush(Duration patience);

  // The main thread: from the next line on.
  void change(std::unique_ptr<Sink> sink, Style style);

  // The main thread. false: the logger's thread still writes when patience ends, and is left
  // behind.
  bool stop(Duration patience);

 private:
  AsyncLogger(std::unique_ptr<Sink> sink, Style style) : sink_(std::move(sink)), style_(style) {}

  std::string line_of(Level level, Event event, std::string_view message, Fields fields) const;

  void run();
  void take_next_sink();
  void report(Instant now);
  void report_dropped(Instant now);
  void report_left_out(Instant now);
  bool put(std::string&& line) noexcept;

  static constexpr std::size_t queue_lines = 8192;
  static constexpr std::chrono::milliseconds second{1000};

  // Lines with their ends; an empty one ends the thread.
  spdlog::details::mpmc_blocking_queue<std::string> queue_{queue_lines};
  std::atomic<std::uint64_t> queued_{0};
  std::atomic<std::uint64_t> taken_{0};  // from the queue, and written or lost
  std::atomic<std::uint64_t> lost_{0};  // could not be written, or not be queued for want of memory
  std::promise<void> ended_;
  Thread thread_;

  // Only the logger's thread uses these.
  std::unique_ptr<Sink> sink_;
  std::error_code failure_;     // the last one that has not been reported
  std::uint64_t reported_ = 0;  // of dropped()
  Instant next_report_of_dropped_{};
  Instant next_report_of_left_out_{};

  std::mutex next_mutex_;
  std::unique_ptr<Sink> next_sink_;
  std::atomic<Style> style_;
};

}  // namespace asyncd::log
