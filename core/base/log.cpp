#include "core/base/log.h"

#include <fmt/chrono.h>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>

#include "core/base/system_paths.h"

namespace asyncd::log {

namespace {

constexpr std::size_t queue_lines = 8192;

// The process has one log. Set up by start before other threads exist, taken down by stop after they have ended.
struct Sink {
  std::shared_ptr<spdlog::details::thread_pool> queue;
  std::shared_ptr<spdlog::async_logger> logger;
  Options options;
};
Sink sink;
std::atomic<Level> lowest{Level::off};
std::atomic<std::uint64_t> dropped_lines{0};

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count();
  return fmt::format("{:%FT%T}.{:06}Z", seconds, micros);
}

}  // namespace

Result<void> start(const Options& options) {
  try {
    spdlog::sink_ptr output;
    if (options.file.empty())
      output = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      output = std::make_shared<spdlog::sinks::basic_file_sink_mt>(c_file_name(options.file));
    output->set_pattern("%v");
    sink.queue = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    sink.logger = std::make_shared<spdlog::async_logger>("asyncd", std::move(output), sink.queue,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    sink.logger->set_level(spdlog::level::trace);
    sink.logger->flush_on(spdlog::level::trace);
    sink.options = options;
  } catch (const std::exception& failure) {
    return Error{ExitCode::cannot_create, "cannot write the log to '" + options.file + "': " + failure.what()};
  }
  lowest = options.level;
  return {};
}

void stop() {
  lowest = Level::off;
  if (sink.queue) dropped_lines += sink.queue->overrun_counter();
  sink.queue.reset();  // waits until the queue is written, and its thread has let go of the logger
  sink.logger.reset();
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  const std::string line = sink.options.json ? format_json(level, message, fields, timestamp())
                                             : format_text(level, message, fields, timestamp(), sink.options.color);
  sink.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t dropped() { return dropped_lines + (sink.queue ? sink.queue->overrun_counter() : 0); }

}  // namespace asyncd::log
