#include "core/log/log.h"

#include <atomic>
#include <memory>
#include <utility>

#include "core/log/async_logger.h"

namespace asyncd::log {

namespace {

// The process has one log. start sets it up before other threads exist, stop takes it down after
// they have ended.
struct Log {
  std::shared_ptr<AsyncLogger> logger;
  Options options;
};
Log the_log;
std::atomic<Level> lowest{Level::off};

Style style_of(const Options& options) { return {.json = options.json, .color = options.color}; }

}  // namespace

Result<void> start(const Options& options) {
  Result<std::unique_ptr<Sink>> sink = Sink::open(options.file);
  if (!sink) return sink.error();
  Result<std::shared_ptr<AsyncLogger>> logger =
      AsyncLogger::start(std::move(*sink), style_of(options));
  if (!logger) return logger.error();
  the_log = {std::move(*logger), options};
  lowest = options.level;
  return {};
}

bool stop(Duration patience) {
  lowest = Level::off;
  const std::shared_ptr<AsyncLogger> logger = std::exchange(the_log, {}).logger;
  return logger == nullptr || logger->stop(patience);
}

Result<void> configure(const Options& options) {
  if (the_log.logger == nullptr) return {};
  Result<std::unique_ptr<Sink>> sink = Sink::open(options.file);
  if (!sink) return sink.error();
  the_log.logger->change(std::move(*sink), style_of(options));
  the_log.options = options;
  lowest = options.level;
  return {};
}

Result<void> reopen() {
  const Options same = the_log.options;
  Result<void> done = configure(same);
  if (done && !same.file.empty())
    info("log_reopened", "the log was opened again", {{"file", same.file}});
  return done;
}

Result<void> check_file(const std::string& file) { return Sink::check(file); }

void flush(Duration patience) {
  if (the_log.logger != nullptr) the_log.logger->flush(patience);
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, Event event, std::string_view message, Fields fields) noexcept {
  if (enabled(level)) the_log.logger->write(level, event, message, fields);
}

std::uint64_t dropped() { return the_log.logger == nullptr ? 0 : the_log.logger->dropped(); }

}  // namespace asyncd::log
