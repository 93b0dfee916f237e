#include "core/log/limit.h"

#include <mutex>
#include <utility>
#include <vector>

namespace asyncd::log {

bool RateLimit::allow(Instant now, std::uint64_t& suppressed) {
  Instant::rep ends = second_ends_.load(std::memory_order_relaxed);
  const Instant::rep time = now.time_since_epoch().count();
  if (time >= ends && second_ends_.compare_exchange_strong(
                          ends, (now + std::chrono::seconds(1)).time_since_epoch().count(),
                          std::memory_order_relaxed)) {
    suppressed = beyond(asked_.exchange(1, std::memory_order_relaxed));
    return true;
  }
  suppressed = 0;
  return asked_.fetch_add(1, std::memory_order_relaxed) < lines_;
}

std::uint64_t RateLimit::take_suppressed(Instant now) {
  if (now.time_since_epoch().count() < second_ends_.load(std::memory_order_relaxed)) return 0;
  return beyond(asked_.exchange(0, std::memory_order_relaxed));
}

namespace {

struct Registry {
  std::mutex mutex;
  std::vector<SourceLimit*> all;
  SourceLimit::LeftOut unreported;  // of sources that have ended, and what was given back

  void add(const std::string& source, std::uint64_t lines) {
    if (lines != 0) unreported[source] += lines;
  }
};

// Never destroyed: the logger's thread may outlive what is destroyed at exit.
Registry& registry() {
  static Registry& only = *new Registry;
  return only;
}

}  // namespace

SourceLimit::SourceLimit(std::string source, std::uint64_t lines_a_second)
    : source_(std::move(source)), limit_(lines_a_second) {
  const std::lock_guard lock(registry().mutex);
  registry().all.push_back(this);
}

SourceLimit::~SourceLimit() {
  const std::lock_guard lock(registry().mutex);
  std::erase(registry().all, this);
  registry().add(source_, take(never));
}

bool SourceLimit::allow(Instant now) {
  std::uint64_t suppressed = 0;
  const bool allowed = limit_.allow(now, suppressed);
  if (suppressed != 0) left_out_ += suppressed;
  return allowed;
}

SourceLimit::LeftOut SourceLimit::take_left_out(Instant now) {
  const std::lock_guard lock(registry().mutex);
  for (SourceLimit* limit : registry().all) registry().add(limit->source_, limit->take(now));
  return std::exchange(registry().unreported, {});
}

void SourceLimit::give_back(const std::string& source, std::uint64_t lines) {
  const std::lock_guard lock(registry().mutex);
  registry().add(source, lines);
}

}  // namespace asyncd::log
