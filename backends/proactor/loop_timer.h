// LoopTimer: calls back at a time that may be changed at will. Asio has a wait of its own, with
// memory, for each change; here there is one at a time, in memory that is there from the beginning,
// so a change neither allocates nor fails. On its loop's thread.
#pragma once

#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>
#include <functional>

#include "backends/proactor/operation_memory.h"
#include "core/base/clock.h"

namespace asyncd {

class LoopTimer {
 public:
  // `memory` outlives the context.
  LoopTimer(asio::io_context& context, OperationMemory& memory, std::function<void()> on_due)
      : timer_(context), memory_(memory), on_due_(std::move(on_due)) {
    wait(Instant{});  // which makes room in Asio's list of timers
  }

  Instant due() const { return due_; }

  // In place of the time set before; `never`: not at all.
  void set(Instant when) noexcept {
    due_ = when;
    if (!waiting_ && when != never)
      wait(when);
    else if (waiting_ && (when < waits_until_ || when == never))
      timer_.cancel();  // and the end of that wait begins the next
  }

 private:
  using Timer =
      asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, asio::io_context::executor_type>;

  void wait(Instant until) {
    waiting_ = true;
    waits_until_ = until;
    timer_.expires_at(until);
    timer_.async_wait(Completion{&memory_, [this](const asio::error_code&) {
                                   waiting_ = false;
                                   wait_on();
                                 }});
  }

  void wait_on() {
    if (due_ == never) return;
    if (Clock::now() < due_) return wait(due_);
    due_ = never;
    on_due_();
  }

  Timer timer_;
  OperationMemory& memory_;
  const std::function<void()> on_due_;
  Instant due_ = never;
  Instant waits_until_{};
  bool waiting_ = false;
};

}  // namespace asyncd
