#include "core/accept/watchdog.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/accept/listener.h"
#include "core/log/log.h"

namespace asyncd {

namespace {

constexpr Duration look_often = std::chrono::milliseconds(50);    // while some thread is in a hook
constexpr Duration look_rarely = std::chrono::milliseconds(500);  // a look at an idle process
// a hook that ends sooner is logged at most once a second
constexpr Duration little_time = std::chrono::seconds(1);
constexpr Duration longest_silence = std::chrono::minutes(5);
constexpr int lines_a_look = 64;  // later looks log the rest

std::string thread_name(HookRecord::Kind kind, std::uint64_t number) {
  return (kind == HookRecord::Kind::loop ? "loop " : "thread ") + std::to_string(number);
}

}  // namespace

HookRecord::HookRecord(Listener& listener, Kind kind, std::uint64_t number)
    : listener_(listener), kind_(kind), number_(number) {
  listener_.watchdog().add(*this);
}

HookRecord::~HookRecord() { listener_.watchdog().remove(*this); }

void HookRecord::on_over(Instant since) { listener_.watchdog().on_over(*this, since); }

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

Result<void> Watchdog::start() {
  const std::lock_guard lock(mutex_);
  if (started_) return {};
  Result<Thread> thread = Thread::start(0, [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  started_ = true;
  return {};
}

void Watchdog::add(HookRecord& record) {
  const std::lock_guard lock(mutex_);
  record.after_ = first_;
  if (first_ != nullptr) first_->before_ = &record;
  first_ = &record;
}

void Watchdog::remove(HookRecord& record) {
  const std::lock_guard lock(mutex_);
  if (record.told_) tell_over(record, Clock::now());
  (record.before_ == nullptr ? first_ : record.before_->after_) = record.after_;
  if (record.after_ != nullptr) record.after_->before_ = record.before_;
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  for (Duration pause = look_often; !ending_;) {
    changed_.wait_for(lock, pause);
    if (!ending_) pause = look(Clock::now()) ? look_often : look_rarely;
  }
}

// Whether any thread is in a hook.
bool Watchdog::look(Instant now) {
  lines_left_ = lines_a_look;
  bool busy = false;
  for (HookRecord* record = first_; record != nullptr; record = record->after_)
    busy = look(*record, now) || busy;
  return busy;
}

bool Watchdog::look(HookRecord& record, Instant now) {
  Instant since = record.since_.load(std::memory_order_acquire);
  // Most threads tell of the end by themselves, but not one that goes on to the next message at
  // once.
  if (record.told_ && since != record.last_told_.since) tell_over(record, now);
  if (since == HookRecord::in_none) return false;
  if (since == HookRecord::just_begun) {
    record.since_.compare_exchange_strong(since, now);
    return true;
  }
  if (!record.overdue(since, now) || (record.told_ && now < record.last_told_.next) ||
      lines_left_ == 0)
    return true;
  const HookRecord::Told found{record.handler_.load(std::memory_order_acquire),
                               record.connection_.load(std::memory_order_acquire),
                               since,
                               {}};
  const Duration lasts = now - since;
  if (record.since_.load(std::memory_order_acquire) != since) return true;  // it has just returned
  // but perhaps by the next look
  if (!record.told_ && !may_tell(record, lasts, now)) return true;
  if (!record.told_ && record.kind_ == HookRecord::Kind::loop) record.listener_.note_long_turn();
  record.last_told_ = found;
  record.last_told_.next = lasts < little_time ? after(since, little_time)
                                               : after(now, std::min(lasts, longest_silence));
  record.told_ = true;
  --lines_left_;
  tell(record, lasts, false);
  return true;
}

// Long hooks are always logged; of shorter ones at most one a second, because they may follow each
// other closely.
bool Watchdog::may_tell(const HookRecord& record, Duration lasts, Instant now) {
  HookNews& news = record.listener_.hook_news();
  if (lasts < little_time && now < news.quiet_until) return false;
  news.quiet_until = after(now, little_time);
  return true;
}

void Watchdog::on_over(HookRecord& record, Instant since) {
  const std::lock_guard lock(mutex_);
  const Instant now = Clock::now();
  if (record.told_) return tell_over(record, now);
  if (record.kind_ == HookRecord::Kind::thread) return;  // the watchdog has been quicker to tell
  record.listener_.note_long_turn();
  record.last_told_ = {record.handler_, record.connection_, since, {}};
  if (may_tell(record, now - since, now))
    tell(record, now - since, true);
  else
    ++record.listener_.hook_news().suppressed;
}

void Watchdog::tell_over(HookRecord& record, Instant now) {
  tell(record, now - record.last_told_.since, true);
  record.told_ = false;
}

void Watchdog::tell(const HookRecord& record, Duration lasts, bool over) {
  const bool loop = record.kind_ == HookRecord::Kind::loop;
  const char* what = "a handler does not return; its thread serves no other client meanwhile";
  if (loop)
    what = "a handler holds up its event loop; choose a backend with threads, or have it offload";
  if (over) what = "a handler has returned that had held up its thread";
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(lasts).count();
  const char* const handler = record.last_told_.handler;
  try {
    log::warn("handler_blocks", what,
              {{"listener", record.listener_.name()},
               {"backend", record.listener_.backend_name()},
               {"handler", handler == nullptr ? "" : handler},
               {"thread", thread_name(record.kind_, record.number_)},
               log::Field::unless_zero("conn", record.last_told_.connection),
               {"ms", static_cast<std::uint64_t>(millis)},
               {"over", over ? "yes" : "no"},
               log::Field::unless_zero("suppressed",
                                       std::exchange(record.listener_.hook_news().suppressed, 0))});
  } catch (const std::bad_alloc&) {
    // No memory for the thread's name: a later look logs it again.
  }
}

}  // namespace asyncd
