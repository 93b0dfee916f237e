#include <process.h>
#include <windows.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <system_error>

#include "core/base/thread.h"

namespace asyncd {

namespace {

using Body = std::function<void()>;

unsigned __stdcall run_body(void* argument) {
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  (*body)();
  return 0;
}

HANDLE native(std::uintptr_t handle) { return reinterpret_cast<HANDLE>(handle); }

}  // namespace

Result<Thread> Thread::launch(std::size_t stack_size, std::function<void()> body) {
  auto argument = std::make_unique<Body>(std::move(body));
  const auto reserved = static_cast<unsigned>(
      std::min<std::size_t>(stack_size, std::numeric_limits<unsigned>::max()));
  const std::uintptr_t handle = ::_beginthreadex(nullptr, reserved, run_body, argument.get(),
                                                 STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (handle == 0)
    return Error{ExitCode::os_limit,
                 "cannot start a thread: " + std::generic_category().message(errno)};
  static_cast<void>(argument.release());
  Thread thread;
  thread.handle_ = handle;
  thread.joinable_ = true;
  return thread;
}

void Thread::join() {
  if (!joinable_) return;
  ::WaitForSingleObject(native(handle_), INFINITE);
  detach();
}

void Thread::detach() {
  if (joinable_) ::CloseHandle(native(handle_));
  joinable_ = false;
}

}  // namespace asyncd
