// Writer: the log's queue and its thread. Whoever logs leaves a line in the queue and goes on; the
// thread writes the lines one by one, and says what was lost as soon as it can. Owned by log.cpp
// and by its own thread, which may have to be left behind where it waits for a reader.
#pragma once

#include <spdlog/common.h>
#include <spdlog/details/mpmc_blocking_q.h>

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/thread.h"
#include "core/log/format.h"
#include "core/log/output.h"

namespace asyncd::log {

class Writer {
 public:
  // 71: there is no thread to be had.
  static Result<std::shared_ptr<Writer>> start(std::unique_ptr<Output> output, Style style);

  // Any thread. flush: false: not all is written, and patience is at its end.
  void write(Level level, Event event, std::string_view message, Fields fields) noexcept;
  std::uint64_t dropped();
  bool flush(Duration patience);

  // The main thread: from the next line on.
  void use(std::unique_ptr<Output> output, Style style);

  // The main thread. The answer is that of flush.
  bool stop(Duration patience);

 private:
  Writer(std::unique_ptr<Output> output, Style style) : output_(std::move(output)), style_(style) {}

  void run();
  void take_output();
  void tell(Instant now);
  void tell_dropped(Instant now);
  void tell_left_out(Instant now);
  bool put(std::string&& line) noexcept;
  bool put(Event event, std::string_view message, Fields fields);

  static constexpr std::size_t queue_lines = 8192;

  // nothing: the end
  spdlog::details::mpmc_blocking_queue<std::optional<std::string>> queue_{queue_lines};
  std::atomic<std::uint64_t> queued_{0};
  std::atomic<std::uint64_t> taken_{0};  // and written, or lost
  std::atomic<std::uint64_t> lost_{0};   // not written, or not even queued for want of memory
  std::promise<void> ended_;
  Thread thread_;

  // Of the thread alone.
  std::unique_ptr<Output> output_;
  std::error_code failure_;  // the last one that has not been told
  std::uint64_t told_ = 0;   // of dropped()
  Instant next_tell_dropped_{};
  Instant next_tell_left_out_{};

  std::mutex next_mutex_;
  std::unique_ptr<Output> next_output_;
  std::atomic<Style> style_;
};

}  // namespace asyncd::log
