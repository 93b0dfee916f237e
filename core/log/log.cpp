#include "core/log/log.h"

#include <atomic>
#include <memory>

#include "core/log/writer.h"

namespace asyncd::log {

namespace {

// The process has one log. Set up by start before other threads exist, taken down by stop after
// they have ended.
struct Log {
  std::shared_ptr<Writer> writer;
  Options options;
};
Log the_log;
std::atomic<Level> lowest{Level::off};

Style style_of(const Options& options) { return {.json = options.json, .color = options.color}; }

}  // namespace

Result<void> start(const Options& options) {
  Result<std::unique_ptr<Output>> output = Output::open(options.file);
  if (!output) return output.error();
  Result<std::shared_ptr<Writer>> writer = Writer::start(std::move(*output), style_of(options));
  if (!writer) return writer.error();
  the_log = {std::move(*writer), options};
  lowest = options.level;
  return {};
}

bool stop(Duration patience) {
  lowest = Level::off;
  const std::shared_ptr<Writer> writer = std::exchange(the_log, {}).writer;
  return writer == nullptr || writer->stop(patience);
}

Result<void> configure(const Options& options) {
  if (the_log.writer == nullptr) return {};
  Result<std::unique_ptr<Output>> output = Output::open(options.file);
  if (!output) return output.error();
  the_log.writer->use(std::move(*output), style_of(options));
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

Result<void> check_file(const std::string& file) { return Output::check(file); }

void flush(Duration patience) {
  if (the_log.writer != nullptr) the_log.writer->flush(patience);
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, Event event, std::string_view message, Fields fields) noexcept {
  if (enabled(level)) the_log.writer->write(level, event, message, fields);
}

std::uint64_t dropped() { return the_log.writer == nullptr ? 0 : the_log.writer->dropped(); }

}  // namespace asyncd::log
