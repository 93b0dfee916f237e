#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <system_error>

#include "core/base/thread.h"

namespace asyncd {

namespace {

using Body = std::function<void()>;

// asyncd cancels no thread. Where the C library is told so, its calls that may wait need not
// prepare for it, which costs some of them two atomic operations.
void never_cancel() {
  ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  ::pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
}

void* run_body(void* argument) {
  never_cancel();
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  (*body)();
  return nullptr;
}

std::size_t usable_stack_size(std::size_t wanted) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = std::max(wanted, static_cast<std::size_t>(PTHREAD_STACK_MIN));
  return (size + page - 1) / page * page;
}

pthread_t native(std::uintptr_t handle) { return std::bit_cast<pthread_t>(handle); }

}  // namespace

Result<Thread> Thread::launch(std::size_t stack_size, std::function<void()> body) {
  auto argument = std::make_unique<Body>(std::move(body));
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  if (stack_size != 0) ::pthread_attr_setstacksize(&attributes, usable_stack_size(stack_size));
  pthread_t handle{};
  const int failure = ::pthread_create(&handle, &attributes, run_body, argument.get());
  ::pthread_attr_destroy(&attributes);
  if (failure != 0)
    return Error{ExitCode::os_limit,
                 "cannot start a thread: " + std::generic_category().message(failure)};
  static_cast<void>(argument.release());
  Thread thread;
  thread.handle_ = std::bit_cast<std::uintptr_t>(handle);
  thread.joinable_ = true;
  return thread;
}

void Thread::join() {
  if (joinable_) ::pthread_join(native(handle_), nullptr);
  joinable_ = false;
}

void Thread::detach() {
  if (joinable_) ::pthread_detach(native(handle_));
  joinable_ = false;
}

}  // namespace asyncd
