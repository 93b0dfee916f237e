// The log: lines of an event, a message and fields, as text or JSON, through a bounded queue to
// standard error or a file. A thread that logs never waits: where the queue is full the oldest
// lines are dropped, what cannot be written is dropped too, and the log reports how many. Any
// thread may call enabled, write, dropped and flush; before start and after stop lines are ignored.
// The rest is for the main thread.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/log/limit.h"

namespace asyncd::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

constexpr std::string_view name_of(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
    case Level::off:
      break;  // no line has it
  }
  return "";
}

struct Options {
  Level level = Level::info;
  bool json = false;
  bool color = false;
  std::string file;  // empty: standard error
};

// A word for what has happened, which programs may rely on; the message is for people, and may
// change. A literal, which the compiler checks. Lines of JSON have it, lines of text have not.
class Event {
 public:
  consteval Event(const char* word) : word_(word) {
    for (const char c : word_)
      if ((c < 'a' || c > 'z') && c != '_')
        throw "an event is a word of lower-case letters and underscores";
  }
  constexpr std::string_view word() const { return word_; }

 private:
  std::string_view word_;
};

// A name and a view of its value, valid during the call that it is an argument of. A field without
// a name is left out.
class Field {
 public:
  Field(std::string_view key, std::string_view text) : key_(key), text_(text) {}
  template <std::integral Number>
  Field(std::string_view key, Number number) : key_(key) {
    using Wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
    char* const begin = digits_.data();
    digit_count_ = static_cast<std::size_t>(
        std::to_chars(begin, begin + digits_.size(), Wide{number}).ptr - begin);
  }

  static Field unless_zero(std::string_view key, std::uint64_t number) {
    return Field(number != 0 ? key : std::string_view(), number);
  }

  std::string_view key() const { return key_; }
  bool number() const { return digit_count_ != 0; }
  std::string_view value() const {
    return number() ? std::string_view(digits_.data(), digit_count_) : text_;
  }

 private:
  std::string_view key_;
  std::string_view text_;
  std::array<char, 20> digits_{};  // of any 64-bit number
  std::size_t digit_count_ = 0;
};

using Fields = std::initializer_list<Field>;

// The error says which file cannot be written, and why.
Result<void> start(const Options& options);
// Writes what is queued. false: the log's reader does not read, and after `patience` the log's
// thread still waits for it, so the process can only end by _Exit.
bool stop(Duration patience = std::chrono::seconds(1));

// Between start and stop: other options, from the next line on. The file is opened again under its
// name. After an error everything is as before.
Result<void> configure(const Options& options);
// The same with the same options, because the file that is open may have been moved away.
Result<void> reopen();

// Whether start could write this file, as far as that is known without making one.
Result<void> check_file(const std::string& file);

// Waits until what is queued now is written, at most for `patience`. Other threads may go on
// writing.
void flush(Duration patience = std::chrono::seconds(1));

bool enabled(Level level);
void write(Level level, Event event, std::string_view message, Fields fields = {}) noexcept;
std::uint64_t dropped();  // lines, since start

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

}  // namespace asyncd::log
