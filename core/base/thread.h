// Threads with a chosen stack size, and with failure to start one as a value: std::thread has
// neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/base/result.h"

namespace asyncd {

// A running thread; joined when destroyed. Moved, never copied.
class Thread {
 public:
  Thread() = default;
  Thread(Thread&& other) noexcept : handle_(other.handle_), joinable_(other.joinable_) {
    other.joinable_ = false;
  }
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { join(); }

  // `stack_size` in bytes, 0: the system's own. `body` must not throw. The error is of
  // ExitCode::os_limit.
  static Result<Thread> start(std::size_t stack_size, std::function<void()> body);

  // Likewise, for one of many that come and go while memory may be short (see ExitGuard).
  static Result<Thread> start_passing(std::size_t stack_size, std::function<void()> body);

  void join();
  void detach();

 private:
  static Result<Thread> launch(std::size_t stack_size, std::function<void()> body);

  std::uintptr_t handle_ = 0;
  bool joinable_ = false;
};

}  // namespace asyncd
