#include "core/base/thread.h"

#include <utility>

#include "core/base/exit_guard.h"

namespace asyncd {

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this != &other) {
    join();
    handle_ = other.handle_;
    joinable_ = other.joinable_;
    other.joinable_ = false;
  }
  return *this;
}

Result<Thread> Thread::start(std::size_t stack_size, std::function<void()> body) {
  return launch(stack_size, [body = std::move(body)] {
    const ExitGuard guard;
    body();
  });
}

Result<Thread> Thread::start_passing(std::size_t stack_size, std::function<void()> body) {
  return launch(stack_size, [body = std::move(body)] {
    const ExitGuard guard(false);
    body();
  });
}

}  // namespace asyncd
