// Intake: connections that have been given to a loop, which has not begun with them yet. Any
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "core/accept/listener.h"

namespace asyncd {

class Intake {
 public:
  // True: it is the only one, so the loop has to be woken. std::bad_alloc: `connection` is as it
  // was.
  bool add(NewConnection&& connection) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(connection));
    return ++count_ == 1;
  }

  std::optional<NewConnection> take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    std::optional<NewConnection> first(std::move(waiting_.front()));
    waiting_.pop_front();
    --count_;
    return first;
  }

  bool empty() const { return count_ == 0; }

 private:
  std::mutex mutex_;
  std::deque<NewConnection> waiting_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace asyncd
