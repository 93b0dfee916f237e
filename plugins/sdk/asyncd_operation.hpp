// asyncd_operation.hpp: a part of asyncd_async.hpp: what a call waits for.
//
// Role: asyncd_op as something to be awaited. On a backend whose threads may block, the operation
// has ended when submit returns, and the coroutine goes on without having been suspended. Thread:
// that of the call's hooks. Ownership: lies in the frame of the coroutine that awaits it. Errors:
// operation_error, thrown by the await.
#ifndef ASYNCD_OPERATION_HPP
#define ASYNCD_OPERATION_HPP

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "asyncd_task.hpp"

namespace asyncd {

enum class operation_result : std::int32_t {
  timed_out = ASYNCD_TIMED_OUT,
  cancelled = ASYNCD_CANCELLED,
  failed = ASYNCD_FAILED
};

// An operation that did not do what it was begun for. what() says which, and why: "connect to
// [::1]:80: timed out".
class operation_error : public std::runtime_error {
 public:
  operation_error(operation_result result, const std::string& text, std::error_code error = {})
      : std::runtime_error(text), result_(result), error_(error) {}

  operation_result result() const noexcept { return result_; }
  // The system's, where it has failed and there is one.
  std::error_code error() const noexcept { return error_; }

 private:
  operation_result result_;
  std::error_code error_;
};

namespace detail {

// Runs what goes on, and what that lets go on, until all of it waits or the call has ended. In
// asyncd_async.hpp.
inline void go_on(promise_base& root, std::coroutine_handle<> next) noexcept;

[[noreturn]] inline void throw_failure(const asyncd_op& ended, std::string what) {
  if (ended.result == ASYNCD_TIMED_OUT)
    throw operation_error(operation_result::timed_out, what + ": timed out");
  if (ended.result == ASYNCD_CANCELLED)
    throw operation_error(operation_result::cancelled, what + ": cancelled");
  if (ended.error == 0) throw operation_error(operation_result::failed, what + ": failed");
  const std::error_code error(ended.error, std::system_category());
  throw operation_error(operation_result::failed, what + ": " + error.message(), error);
}

class operation : public awaitable {
 public:
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) noexcept {
    root_ = waiting.promise().root;
    waiting_ = waiting;
    return raw_.host->host_submit(&raw_, &op_) == ASYNCD_PENDING;
  }

 protected:
  operation(asyncd_call& raw, std::uint32_t kind, std::chrono::nanoseconds timeout) : raw_(raw) {
    op_.size = sizeof op_;
    op_.kind = kind;
    // 0 would be none at all; a time that is over already is as short as can be.
    if (timeout != no_timeout) op_.timeout = timeout.count() > 0 ? timeout.count() : 1;
    op_.done = [](void* context, asyncd_op*) {
      auto& self = *static_cast<operation*>(context);
      go_on(*self.root_, self.waiting_);
    };
    op_.context = this;
  }
  ~operation() = default;

  void expect_success(std::string_view what) const {
    if (op_.result != ASYNCD_OK) throw_failure(op_, std::string(what));
  }

  asyncd_call& raw_;
  asyncd_op op_{};

 private:
  promise_base* root_ = nullptr;
  std::coroutine_handle<> waiting_;
};

class [[nodiscard]] sleep_operation : public operation {
 public:
  sleep_operation(asyncd_call& raw, std::chrono::nanoseconds duration)
      : operation(raw, ASYNCD_OP_SLEEP, duration), none_(duration.count() <= 0) {}

  bool await_ready() const noexcept { return none_; }
  void await_resume() const { expect_success("sleep"); }

 private:
  bool none_;
};

class [[nodiscard]] flush_operation : public operation {
 public:
  flush_operation(asyncd_call& raw, std::chrono::nanoseconds timeout)
      : operation(raw, ASYNCD_OP_FLUSH, timeout) {}

  void await_resume() const { expect_success("flush"); }
};

template <class Work>
class [[nodiscard]] offload_operation : public operation {
 public:
  using value = std::invoke_result_t<Work&>;
  // g++ 12 would destroy a closure in an awaited expression twice.
  static_assert(std::is_lvalue_reference_v<Work> || std::is_trivially_destructible_v<Work>,
                "work that has a destructor (a lambda with such captures) gets a name before it is "
                "offloaded: "
                "auto work = [...] {...}; co_await call.offload(work);");
  static_assert(!std::is_reference_v<value>,
                "offloaded work gives a value, which outlives the thread that made it");

  offload_operation(asyncd_call& raw, Work&& work, std::chrono::nanoseconds timeout)
      : operation(raw, ASYNCD_OP_OFFLOAD, timeout), work_(std::forward<Work>(work)) {
    op_.work = [](void* context) { static_cast<offload_operation*>(context)->run(); };
    op_.work_context = this;
  }

  value await_resume() {
    expect_success("offload");
    if (failure_) std::rethrow_exception(std::move(failure_));
    if constexpr (!std::is_void_v<value>) return std::move(*result_);
  }

 private:
  void run() noexcept {
    try {
      if constexpr (std::is_void_v<value>)
        work_();
      else
        result_.emplace(work_());
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  Work work_;  // a reference, where it has a name
  std::optional<not_void<value>> result_;
  std::exception_ptr failure_;
};

}  // namespace detail

inline detail::sleep_operation call::sleep(std::chrono::nanoseconds duration) const {
  return {*raw_, duration};
}

inline detail::flush_operation call::flush(std::chrono::nanoseconds timeout) const {
  return {*raw_, timeout};
}

template <class Work>
detail::offload_operation<Work> call::offload(Work&& work, std::chrono::nanoseconds timeout) const {
  return {*raw_, std::forward<Work>(work), timeout};
}

}  // namespace asyncd

#endif  // ASYNCD_OPERATION_HPP
