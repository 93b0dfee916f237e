#include "core/server/memory_governor.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "core/log/log.h"
#include "core/system/free_memory.h"

namespace asyncd {

namespace {

constexpr Duration between_looks = std::chrono::milliseconds(50);  // in which loops answer
constexpr Duration patience = std::chrono::milliseconds(500);
// threads look at orders four times a second
constexpr Duration between_closings = std::chrono::milliseconds(400);
// from the fall to the return of what was freed
constexpr Duration return_pause = std::chrono::seconds(1);
constexpr Duration between_returns = std::chrono::seconds(4);
constexpr std::uint64_t much = 4 << 20;  // whose return is worth the effort
constexpr std::size_t stack_size = 128 << 10;

std::uint64_t part(std::uint64_t limit, std::uint64_t sixteenths) {
  return limit == MemoryBudget::unlimited ? limit : limit / 16 * sixteenths;
}
std::uint64_t calm_of(std::uint64_t limit) { return part(limit, 12); }
std::uint64_t near_of(std::uint64_t limit) { return part(limit, 14); }
std::uint64_t tight_of(std::uint64_t limit) { return part(limit, 15); }

std::uint64_t sum(std::uint64_t one, std::uint64_t other) {
  return one > MemoryOrder::none - other ? MemoryOrder::none : one + other;
}

// The size from which on connections hold half of all memory together.
std::uint64_t larger_half(const MemoryHoldings& holdings) {
  const std::uint64_t half =
      std::accumulate(holdings.bytes.begin() + 1, holdings.bytes.end(), std::uint64_t{0}) / 2;
  std::uint64_t held = 0;
  for (std::size_t i = MemoryHoldings::class_count; --i > 0;)
    if ((held += holdings.bytes[i]) > half) return MemoryHoldings::least_of(i);
  return MemoryHoldings::least;
}

// Those that hold most, so many that `wanted` bytes become free, or all that hold much.
void close_largest(const MemoryHoldings& holdings, std::uint64_t wanted, MemoryOrder& order) {
  for (std::size_t i = MemoryHoldings::class_count; --i > 0 && wanted != 0;) {
    if (holdings.bytes[i] > wanted) {
      order.close_some_above = MemoryHoldings::least_of(i);
      order.quota_of_some = wanted;
      return;
    }
    if (holdings.bytes[i] == 0) continue;
    order.close_above = MemoryHoldings::least_of(i);
    order.quota_above += holdings.bytes[i];
    wanted -= holdings.bytes[i];
  }
}

}  // namespace

MemoryGovernor::MemoryGovernor(MemoryBudget& budget) : budget_(budget) {
  budget_.set_ring([this] {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  });
}

MemoryGovernor::~MemoryGovernor() {
  budget_.set_ring({});
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

Result<void> MemoryGovernor::start() {
  if (started_) return {};
  Result<Thread> thread = Thread::start(stack_size, [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  started_ = true;
  return {};
}

// The budget's functions, which may ring, are called without the lock.
void MemoryGovernor::run() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    rung_ = false;
    lock.unlock();
    const Instant next = tend(Clock::now());
    lock.lock();
    const auto due = [this] { return rung_ || ends_; };
    if (next == never)
      changed_.wait(lock, due);
    else if (pressed_)
      changed_.wait_until(lock, next, [this] { return ends_; });  // loops need their time to answer
    else
      changed_.wait_until(lock, next, due);
  }
}

Instant MemoryGovernor::tend(Instant now) {
  const MemoryBudget::Figures figures = budget_.figures();
  if (figures.held >= near_of(figures.limit) || (pressed_ && figures.held > calm_of(figures.limit)))
    press(now, figures);
  else if (pressed_ || budget_.pauses())  // a passing allocation has made them pause
    relax(figures);
  const Instant return_at = return_freed(now, figures.held);
  set_marks(figures);
  return pressed_ ? std::min(after(now, between_looks), return_at) : return_at;
}

// The first round asks what connections hold, and the next ones go by that. Closing goes on until
// it has helped: there are threads that look at their orders a few times a second only.
void MemoryGovernor::press(Instant now, const MemoryBudget::Figures& figures) {
  const bool begins = !pressed_, closed = closing_;
  if (begins || figures.held + much / 4 <= least_) {
    least_ = figures.held;
    patience_ends_ = after(now, patience);
  }
  pressed_ = true;
  tight_ = begins || figures.held >= tight_of(figures.limit);
  closing_ = closing_ || (!begins && (figures.held >= figures.limit || now >= patience_ends_));
  // What an order has closed is held until its thread has let go of it, and would be asked for once
  // more.
  if (closing_ && now < close_again_at_) return;
  MemoryOrder order;
  order.pause_above = pause_above_ = tight_ ? MemoryHoldings::least : larger_half(figures.holdings);
  if (closing_) {
    close_largest(figures.holdings, figures.held - calm_of(figures.limit), order);
    const bool closes = std::min(order.close_above, order.close_some_above) != MemoryOrder::none;
    if (closes) close_again_at_ = after(now, between_closings);
  }
  budget_.issue(order);
  if (begins || closing_ != closed) tell(now, figures, order);
}

void MemoryGovernor::relax(const MemoryBudget::Figures& figures) {
  pressed_ = tight_ = closing_ = false;
  close_again_at_ = {};
  pause_above_ = MemoryOrder::none;
  budget_.issue({});
  log::debug("memory_enough", "memory is far from its limit again; all connections are read",
             {{"held", figures.held}, {"limit", figures.limit}});
}

void MemoryGovernor::tell(Instant now, const MemoryBudget::Figures& figures,
                          const MemoryOrder& order) {
  std::uint64_t suppressed = 0;
  const auto line = [&](log::Event event, std::string_view message) {
    log::warn(event, message,
              {{"held", figures.held},
               {"limit", figures.limit},
               log::Field::unless_zero("suppressed", suppressed)});
  };
  const bool closes = std::min(order.close_above, order.close_some_above) != MemoryOrder::none;
  if (!closing_ && near_log_.allow(now, suppressed))
    line("memory_near_limit",
         "memory is near limits.memory: the connections that hold most are not read");
  else if (closing_ && closes && close_log_.allow(now, suppressed))
    line("memory_limit", "limits.memory is reached: the connections that hold most are closed");
  else if (closing_ && !closes && none_log_.allow(now, suppressed))
    line("memory_limit",
         "limits.memory is reached, and no connection holds much: raise it, or lower "
         "max_connections");
}

// First the pools give up what they keep, then the allocator.
Instant MemoryGovernor::return_freed(Instant now, std::uint64_t held) {
  most_ = std::max(most_, held);
  switch (returning_) {
    case Return::nothing:
      if (held + std::max(much, most_ / 8) > most_) return never;
      returning_ = Return::waiting;
      return return_at_ = std::max(after(now, return_pause), after(returned_, between_returns));
    case Return::waiting:
      if (now < return_at_) return return_at_;
      if (!pressed_) budget_.issue({.pause_above = pause_above_});
      returning_ = Return::dropping;
      return return_at_ = after(now, between_looks);
    case Return::dropping:
      if (now < return_at_) return return_at_;
      return_free_memory();
      break;
  }
  returning_ = Return::nothing;
  most_ = held;
  returned_ = now;
  return return_at_ = never;
}

// They are about what is leased, which is more than what is held.
void MemoryGovernor::set_marks(const MemoryBudget::Figures& figures) {
  const std::uint64_t more = figures.leased - std::min(figures.leased, figures.held);
  MemoryBudget::Marks marks;
  if (!pressed_) {
    marks.pause = sum(near_of(figures.limit), more);
    marks.rise = sum(most_ + much, more);
  } else if (!tight_) {
    marks.pause = sum(tight_of(figures.limit), more);
  }
  if (returning_ == Return::nothing) {
    const std::uint64_t fall = std::max(much, most_ / 8);
    marks.fall = most_ >= fall ? std::max<std::uint64_t>(sum(most_ - fall, more), 1) : 0;
  }
  budget_.set_marks(marks);
}

}  // namespace asyncd
