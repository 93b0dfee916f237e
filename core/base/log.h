// The log: lines of a message and fields, as text or JSON, through a bounded queue to standard error or a file. Writing
// never waits for the disk: when the queue is full the oldest lines are dropped and counted. Any thread, from start to
// stop; before and after, lines go nowhere.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace asyncd::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

struct Options {
  Level level = Level::info;
  bool json = false;
  bool color = false;
  std::string file;  // empty: standard error
};

struct Field {
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(text) {}
  Field(std::string_view name, const std::string& text) : key(name), value(text) {}
  Field(std::string_view name, std::integral auto count) : key(name), value(std::to_string(count)), number(true) {}

  std::string_view key;
  std::string value;
  bool number = false;
};

using Fields = std::initializer_list<Field>;

// What a line tells of, as a word that programs may rely on; the message is for people, and may change. A literal,
// checked where it is compiled. JSON has it, text has not.
class Event {
 public:
  consteval Event(const char* word) : word_(word) {
    for (const char c : word_)
      if ((c < 'a' || c > 'z') && c != '_') throw "an event is a word of lower-case letters and underscores";
  }
  constexpr std::string_view word() const { return word_; }

 private:
  std::string_view word_;
};

Result<void> start(const Options& options);
// Writes out what is queued, as far as `patience` allows; false: whoever reads the log does not, and a thread still
// waits for that, so the process can only end by _Exit.
bool stop(Duration patience = std::chrono::seconds(1));

// Waits until what is queued is written, as far as `patience` allows, where other threads may still write.
void flush(Duration patience = std::chrono::seconds(1));

bool enabled(Level level);
void write(Level level, Event event, std::string_view message, Fields fields = {});
std::uint64_t dropped();

inline void debug(Event event, std::string_view message, Fields fields = {}) {
  write(Level::debug, event, message, fields);
}
inline void info(Event event, std::string_view message, Fields fields = {}) {
  write(Level::info, event, message, fields);
}
inline void warn(Event event, std::string_view message, Fields fields = {}) {
  write(Level::warn, event, message, fields);
}
inline void error(Event event, std::string_view message, Fields fields = {}) {
  write(Level::error, event, message, fields);
}

// One line a second for each place that repeats itself; the next line says how many were left out. One thread at a
// time.
class RateLimit {
 public:
  // True: write now, and `suppressed` tells how many times it was false before.
  bool allow(Instant now, std::uint64_t& suppressed);

 private:
  Instant next_{};
  std::uint64_t suppressed_ = 0;
};

// How lines look; apart from the queue so that it can be tested.
std::string format_text(Level level, std::string_view message, Fields fields, std::string_view time, bool color);
std::string format_json(Level level, Event event, std::string_view message, Fields fields, std::string_view time);

}  // namespace asyncd::log
