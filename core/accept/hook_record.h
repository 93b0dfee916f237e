// HookRecord: what a thread that calls hooks is at. That thread writes it, by plain stores. The
// watchdog looks at it, and notes the time where the thread has left that open; an accepting thread
// that hands out connections looks at it, too. Lives as long as its thread may call hooks of its
// listener's handlers.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/base/clock.h"
#include "core/session/hook_mark.h"
#include "core/session/service.h"

namespace asyncd {

class Listener;

// What the watchdog has logged of a listener's hooks. Its lock must be held.
struct HookNews {
  Instant quiet_until{};         // until then no shorter hook is logged
  std::uint64_t suppressed = 0;  // shorter hooks that were not logged
};

class HookRecord final : public HookMark {
 public:
  enum class Kind : std::uint8_t {
    loop,    // a hook holds up all connections of the thread
    thread,  // it may take its time: only its own connection waits
  };

  // `number` tells the listener's threads apart, in the log.
  HookRecord(Listener& listener, Kind kind, std::uint64_t number);
  ~HookRecord() override;
  HookRecord(const HookRecord&) = delete;
  HookRecord& operator=(const HookRecord&) = delete;

  // Its thread: a hook of the service's handler is called now, or a turn begins in which some are;
  // it is over. Leaving twice does no harm.
  void enter(const Service& service, std::uint64_t connection, Instant now) {
    handler_.store(service.hooks->name, std::memory_order_release);
    connection_.store(connection, std::memory_order_release);
    patience_.store(kind_ == Kind::loop ? service.limits.handler_blocks
                                        : on_thread(service.limits.handler_blocks),
                    std::memory_order_release);
    since_.store(now, std::memory_order_release);
  }
  void leave() {
    const Instant since = since_.load(std::memory_order_relaxed);
    if (since == in_none) return;
    since_.store(in_none, std::memory_order_release);
    if (told_.load(std::memory_order_relaxed) ||
        (kind_ == Kind::loop && overdue(since, coarse_now()))) [[unlikely]]
      on_over(since);
  }

  // The clock is not read for that: the watchdog does, when it looks next.
  void on_next_hook() override { since_.store(just_begun, std::memory_order_release); }

  // Its thread, within a hook: the host waits on the handler's behalf, and then the hook goes on.
  void pause() { leave(); }
  void go_on() { since_.store(coarse_now(), std::memory_order_release); }

  // Any thread: whether it has been in one hook for longer than it may.
  bool held_up(Instant now) const {
    const Instant since = since_.load(std::memory_order_acquire);
    return since > in_none && overdue(since, now);
  }

 private:
  friend class Watchdog;

  static constexpr Instant in_none{};
  static constexpr Instant just_begun = Instant::min();

  static Duration on_thread(Duration patience) {
    constexpr int times_longer = 10;
    return patience > unlimited_time / times_longer ? unlimited_time : patience * times_longer;
  }
  bool overdue(Instant since, Instant now) const {
    return now - since >= patience_.load(std::memory_order_relaxed);
  }
  void on_over(Instant since);

  Listener& listener_;
  const Kind kind_;
  const std::uint64_t number_;
  std::atomic<Instant> since_{in_none};
  // a library's own text, and no library is ever unloaded
  std::atomic<const char*> handler_{nullptr};
  std::atomic<std::uint64_t> connection_{0};  // 0: of none
  std::atomic<Duration> patience_{unlimited_time};
  std::atomic<bool> told_{false};  // of a hook that has not ended, as far as is known

  // The watchdog's, with its lock held.
  struct Told {
    const char* handler = nullptr;
    std::uint64_t connection = 0;
    Instant since{};
    Instant next{};  // when to tell of it again
  };
  Told last_told_;
  HookRecord* before_ = nullptr;
  HookRecord* after_ = nullptr;
};

// As long as it lives, its thread is in a hook, or what may call one.
class InHook {
 public:
  InHook(HookRecord* record, const Service& service, std::uint64_t connection = 0)
      : record_(record) {
    if (record_ != nullptr) record_->enter(service, connection, coarse_now());
  }
  ~InHook() {
    if (record_ != nullptr) record_->leave();
  }
  InHook(const InHook&) = delete;
  InHook& operator=(const InHook&) = delete;

 private:
  HookRecord* const record_;
};

}  // namespace asyncd
