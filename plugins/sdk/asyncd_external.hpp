// asyncd_external.hpp: a part of asyncd_async.hpp: what another thread completes.
//
//     asyncd::external<int> answer = call.external<int>();
//     ask_somebody([completer = answer.completer()]() mutable { completer.complete(42); });
//     const int number = co_await answer.wait(2s);
//
// Role: a wait, and a completer for the code that ends it. Thread: the external's is that of the
// call's hooks; a completer may be copied and used on any thread, also when the wait has timed out
// or the call has ended. Ownership: both own the value between them; an external that gives no
// value needs no memory. The handler outlives every completer: its destructor sees to that. Errors:
// operation_error.
#ifndef ASYNCD_EXTERNAL_HPP
#define ASYNCD_EXTERNAL_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include "asyncd_operation.hpp"

namespace asyncd {

namespace detail {

// The value, from the completer that comes first.
template <class T>
class handover {
 public:
  template <class Value>
  bool put(Value&& value) {
    const std::lock_guard lock(mutex_);
    if (was_put_) return false;
    value_.emplace(std::forward<Value>(value));
    return was_put_ = true;
  }
  T take() {
    const std::lock_guard lock(mutex_);
    return std::move(*value_);
  }

 private:
  std::mutex mutex_;
  std::optional<T> value_;
  bool was_put_ = false;
};

inline std::uint64_t make_ticket(asyncd_call& raw) {
  const std::uint64_t ticket = raw.host->host_ticket(&raw);
  if (ticket == 0) throw std::bad_alloc();
  return ticket;
}

class external_operation : public operation {
 public:
  external_operation(asyncd_call& raw, std::uint64_t ticket, std::chrono::nanoseconds timeout)
      : operation(raw, ASYNCD_OP_EXTERNAL, timeout) {
    op_.ticket = ticket;
  }
};

template <class T>
class [[nodiscard]] external_wait : public external_operation {
 public:
  external_wait(asyncd_call& raw, std::uint64_t ticket, handover<T>& given,
                std::chrono::nanoseconds timeout)
      : external_operation(raw, ticket, timeout), given_(given) {}
  T await_resume() const {
    expect_success("external");
    return given_.take();
  }

 private:
  handover<T>& given_;
};

template <>
class [[nodiscard]] external_wait<void> : public external_operation {
 public:
  using external_operation::external_operation;
  void await_resume() const { expect_success("external"); }
};

}  // namespace detail

template <class T = void>
class completer {
 public:
  // Ends the wait, or makes it end at once when it begins. False: it was over by then, or is
  // complete already.
  template <class Value>
  bool complete(Value&& value) {
    return given_->put(std::forward<Value>(value)) && host_->host_post(ticket_) == 0;
  }

 private:
  friend class external<T>;
  completer(const asyncd_host* host, std::uint64_t ticket,
            std::shared_ptr<detail::handover<T>> given)
      : host_(host), ticket_(ticket), given_(std::move(given)) {}

  const asyncd_host* host_;
  std::uint64_t ticket_;
  std::shared_ptr<detail::handover<T>> given_;
};

template <>
class completer<void> {
 public:
  bool complete() { return host_->host_post(ticket_) == 0; }

 private:
  friend class external<void>;
  completer(const asyncd_host* host, std::uint64_t ticket) : host_(host), ticket_(ticket) {}

  const asyncd_host* host_;
  std::uint64_t ticket_;
};

// One wait, to be awaited once.
template <class T>
class external {
 public:
  explicit external(call owner)
      : call_(owner),
        given_(std::make_shared<detail::handover<T>>()),
        ticket_(detail::make_ticket(owner.raw())) {}

  asyncd::completer<T> completer() const { return {call_.raw().host, ticket_, given_}; }
  detail::external_wait<T> wait(std::chrono::nanoseconds timeout = no_timeout) {
    if (std::exchange(waited_, true)) throw std::logic_error("an external has one wait");
    return {call_.raw(), ticket_, *given_, timeout};
  }

 private:
  call call_;
  std::shared_ptr<detail::handover<T>> given_;
  std::uint64_t ticket_;
  bool waited_ = false;
};

template <>
class external<void> {
 public:
  explicit external(call owner) : call_(owner), ticket_(detail::make_ticket(owner.raw())) {}

  asyncd::completer<void> completer() const { return {call_.raw().host, ticket_}; }
  detail::external_wait<void> wait(std::chrono::nanoseconds timeout = no_timeout) {
    if (std::exchange(waited_, true)) throw std::logic_error("an external has one wait");
    return {call_.raw(), ticket_, timeout};
  }

 private:
  call call_;
  std::uint64_t ticket_;
  bool waited_ = false;
};

template <class T>
asyncd::external<T> call::external() const {
  return asyncd::external<T>(*this);
}

}  // namespace asyncd

#endif  // ASYNCD_EXTERNAL_HPP
