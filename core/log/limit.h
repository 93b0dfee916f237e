// How much one place, or one source, may log. Any thread; a line takes no lock here.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "core/base/clock.h"

namespace asyncd::log {

// Allows so many lines a second to a place that repeats itself. The first line of a later second
// reports how many were suppressed.
class RateLimit {
 public:
  explicit RateLimit(std::uint64_t lines = 1) : lines_(lines) {}

  // Whether the line may be written. Where it may, `suppressed` says how many were not since the
  // last report.
  bool allow(Instant now, std::uint64_t& suppressed);
  // The same count where no line has come since; 0 until the second is over.
  std::uint64_t take_suppressed(Instant now);

 private:
  // Of those that ask between two exchanges of `asked_` the first `lines_` are allowed, so each of
  // the others is counted in exactly one report.
  std::uint64_t beyond(std::uint64_t asked) const { return asked > lines_ ? asked - lines_ : 0; }

  const std::uint64_t lines_;
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<Instant::rep> second_ends_{Instant::min().time_since_epoch().count()};
};

// The limit of a source that logs what clients make it log: a handler. The log reports what was
// left out about once a second, so that it is reported also where no more lines come. The source
// owns it.
class SourceLimit {
 public:
  SourceLimit(std::string source, std::uint64_t lines_a_second);
  ~SourceLimit();
  SourceLimit(const SourceLimit&) = delete;
  SourceLimit& operator=(const SourceLimit&) = delete;

  bool allow(Instant now);

  // For the logger's thread: what sources have left out in seconds that are over at `now`, and what
  // of that could not be reported.
  using LeftOut = std::map<std::string, std::uint64_t>;  // lines by source
  static LeftOut take_left_out(Instant now);
  static void give_back(const std::string& source, std::uint64_t lines);

 private:
  std::uint64_t take(Instant now) { return left_out_.exchange(0) + limit_.take_suppressed(now); }

  const std::string source_;
  RateLimit limit_;
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace asyncd::log
