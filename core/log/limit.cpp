#include "core/log/limit.h"

#include <algorithm>
#include <mutex>
#include <utility>

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

struct Quotas {
  std::mutex mutex;
  std::vector<Quota*> all;
  std::vector<Quota::LeftOut> untold;  // of those that have ended, or could not be told
};

// Never destroyed: the log's thread may outlive what is destroyed at exit.
Quotas& quotas() {
  static Quotas& only = *new Quotas;
  return only;
}

void add_untold(std::vector<Quota::LeftOut>& untold, Quota::LeftOut more) {
  if (more.lines == 0) return;
  const auto same = std::find_if(untold.begin(), untold.end(), [&](const Quota::LeftOut& other) {
    return other.source == more.source;
  });
  if (same == untold.end())
    untold.push_back(std::move(more));
  else
    same->lines += more.lines;
}

}  // namespace

Quota::Quota(std::string source, std::uint64_t lines_a_second)
    : source_(std::move(source)), limit_(lines_a_second) {
  const std::lock_guard lock(quotas().mutex);
  quotas().all.push_back(this);
}

Quota::~Quota() {
  const std::lock_guard lock(quotas().mutex);
  std::erase(quotas().all, this);
  add_untold(quotas().untold, {source_, take(never)});
}

bool Quota::allow(Instant now) {
  std::uint64_t suppressed = 0;
  const bool allowed = limit_.allow(now, suppressed);
  if (suppressed != 0) left_out_ += suppressed;
  return allowed;
}

std::vector<Quota::LeftOut> Quota::take_left_out(Instant now) {
  const std::lock_guard lock(quotas().mutex);
  for (Quota* quota : quotas().all) add_untold(quotas().untold, {quota->source_, quota->take(now)});
  return std::exchange(quotas().untold, {});
}

void Quota::give_back(LeftOut untold) {
  const std::lock_guard lock(quotas().mutex);
  add_untold(quotas().untold, std::move(untold));
}

}  // namespace asyncd::log
