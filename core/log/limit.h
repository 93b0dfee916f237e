// How much may be logged by one place or one source. Any thread, without a lock on the way of a
// line.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"

namespace asyncd::log {

// So many lines a second for a place that repeats itself; the first line of another second says how
// many were left out.
class RateLimit {
 public:
  explicit RateLimit(std::uint64_t lines = 1) : lines_(lines) {}

  // True: write now, and `suppressed` tells how many times it was false since that was told last.
  bool allow(Instant now, std::uint64_t& suppressed);
  // The same count where no line has come since then; 0 while the second is not over.
  std::uint64_t take_suppressed(Instant now);

 private:
  // Of those who ask between two exchanges of `asked_` the first `lines_` are allowed: none is
  // forgotten, none told twice.
  std::uint64_t beyond(std::uint64_t asked) const { return asked > lines_ ? asked - lines_ : 0; }

  const std::uint64_t lines_;
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<Instant::rep> second_ends_{Instant::min().time_since_epoch().count()};
};

// The bound of a source that writes what others make it write: a handler. The log itself tells how
// much was left out, about once a second, so that it is told also where nothing more comes. Owned
// by the source.
class Quota {
 public:
  Quota(std::string source, std::uint64_t lines_a_second);
  ~Quota();
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

  bool allow(Instant now);

  // For the log: what is to be told of all quotas, whose seconds are over at `now`; and what could
  // not be told.
  struct LeftOut {
    std::string source;
    std::uint64_t lines;
  };
  static std::vector<LeftOut> take_left_out(Instant now);
  static void give_back(LeftOut untold);

 private:
  std::uint64_t take(Instant now) { return left_out_.exchange(0) + limit_.take_suppressed(now); }

  const std::string source_;
  RateLimit limit_;
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace asyncd::log
