#include "core/base/log.h"

#include <fmt/chrono.h>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include "core/base/path_text.h"
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

std::string format(Level level, Event event, std::string_view message, Fields fields) {
  return sink.options.json ? format_json(level, event, message, fields, timestamp())
                           : format_text(level, message, fields, timestamp(), sink.options.color);
}

}  // namespace

Result<void> start(const Options& options) {
  const std::string beginning = "cannot write the log to '" + options.file + "': ";
  // spdlog would make the folder, and a typing error with it.
  const std::filesystem::path folder = path_of(options.file).parent_path();
  if (std::error_code none; !folder.empty() && !std::filesystem::is_directory(folder, none))
    return Error{ExitCode::cannot_create, beginning + "there is no folder '" + path_text(folder) + "'"};
  errno = 0;
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
    const bool denied = errno == EACCES || errno == EPERM;
    return Error{denied ? ExitCode::permission : ExitCode::cannot_create, beginning + failure.what()};
  }
  lowest = options.level;
  return {};
}

bool stop(Duration patience) {
  lowest = Level::off;
  if (!sink.queue) return true;
  if (const std::uint64_t lost = sink.queue->overrun_counter(); lost != 0) {
    dropped_lines += lost;
    sink.logger->log(spdlog::level::warn,
                     format(Level::warn, "log_dropped", "log lines were dropped", {{"count", lost}}));
  }
  // The queue's end waits until all is written, which may be for ever.
  const auto written = std::make_shared<std::promise<void>>();
  std::future<void> end = written->get_future();
  std::thread([queue = std::move(sink.queue), written]() mutable {
    queue.reset();
    written->set_value();
  }).detach();
  if (end.wait_for(patience) != std::future_status::ready) return false;
  sink.logger.reset();
  return true;
}

void flush(Duration patience) {
  constexpr Duration slice = std::chrono::milliseconds(10);
  for (Duration waited{}; sink.queue && sink.queue->queue_size() != 0 && waited < patience; waited += slice)
    std::this_thread::sleep_for(slice);
  std::this_thread::sleep_for(slice);  // for the line that has left the queue, and is being written
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, Event event, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  sink.logger->log(spdlog::level::info, format(level, event, message, fields));
}

std::uint64_t dropped() { return dropped_lines + (sink.queue ? sink.queue->overrun_counter() : 0); }

}  // namespace asyncd::log
