// asyncd_task.hpp: a part of asyncd_async.hpp: coroutines of a call, which begin when they are
// awaited.
//
//     asyncd::task<int> ask(asyncd::call call, std::string_view what);
//     const int answer = co_await ask(call, "how much");
//     const auto [one, two] = co_await asyncd::when_all(ask(call, "one"), ask(call, "two"));
//
// Role: frames in the memory of the call, and who goes on when a coroutine ends. Thread: that of
// the call's hooks. Ownership: a task owns its frame. Nothing but an await begins a task, and that
// lasts until it has ended, so none is destroyed while it waits. Errors: what leaves a coroutine is
// thrown by the await.
#ifndef ASYNCD_TASK_HPP
#define ASYNCD_TASK_HPP

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "asyncd_call.hpp"

namespace asyncd {

template <class T = void>
class task;

namespace detail {

// What a task may wait for: the operations of its call, and other tasks. Anything else would never
// let it go on.
struct awaitable {};

// By reference, because g++ 12 would move what await_transform hands through.
template <class Awaited>
struct awaiter_of {
  Awaited& awaited;

  bool await_ready() const noexcept { return awaited.await_ready(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) const {
    return awaited.await_suspend(waiting);
  }
  decltype(auto) await_resume() const { return awaited.await_resume(); }
};

// The end of several tasks, or of one, for which a coroutine waits. The one who begins them counts
// as one of them, so that no task goes on before all have begun.
struct gathering {
  std::size_t left = 0;
  std::coroutine_handle<> waiting;
};

struct promise_base;

struct final_awaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> ended) const noexcept;
  void await_resume() const noexcept {}
};

struct promise_base {
  std::coroutine_handle<> self;
  promise_base* root = nullptr;  // the promise of the call's own task
  detail::gathering* awaited_by = nullptr;
  std::exception_ptr failure;
  // Of the root only: who goes on next, and what is kept of the reply while the call waits.
  std::coroutine_handle<> next;
  asyncd_call* raw = nullptr;
  std::uint32_t outcome = 0;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  template <class Awaited>
  awaiter_of<std::remove_reference_t<Awaited>> await_transform(Awaited&& awaited) const noexcept {
    static_assert(std::derived_from<std::remove_cvref_t<Awaited>, awaitable>,
                  "a task awaits operations of its call and other tasks; anything else would never "
                  "let it go on");
    static_assert(
        !std::is_lvalue_reference_v<Awaited>,
        "await it where it is made, co_await call.sleep(1s), or where it was made before: "
        "co_await std::move(task)");
    return {awaited};
  }
};

// Who waits goes on only once this coroutine's caller has returned: chains of any length need no
// stack, whatever the compiler makes of a tail call.
template <class Promise>
void final_awaiter::await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
  promise_base& promise = ended.promise();
  if (promise.awaited_by != nullptr && --promise.awaited_by->left == 0)
    promise.root->next = promise.awaited_by->waiting;
}

template <class T>
struct promise : promise_base {
  static_assert(!std::is_reference_v<T>,
                "a task gives a value; a pointer, where it is to point at something");

  template <class Value>
  requires std::constructible_from<T, Value&&>
  void return_value(Value&& value) { result.emplace(std::forward<Value>(value)); }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }

  std::optional<T> result;
};

template <>
struct promise<void> : promise_base {
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

template <class T>
using not_void = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

}  // namespace detail

template <class T>
class [[nodiscard]] task : public detail::awaitable {
 public:
  // Done already: for a function that answers at once, and is no coroutine itself.
  task() noexcept requires std::is_void_v<T> {}
  task(task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~task() {
    if (promise_ != nullptr) promise_->self.destroy();
  }

  // For when_all and the trampoline.
  explicit task(detail::promise<T>& promise) noexcept : promise_(&promise) {}
  detail::promise<T>* promise() const noexcept { return promise_; }
  detail::promise<T>* release() noexcept { return std::exchange(promise_, nullptr); }
  void begin(detail::gathering& awaited_by, detail::promise_base& root) {
    if (await_ready()) {
      --awaited_by.left;
      return;
    }
    promise_->root = &root;
    promise_->awaited_by = &awaited_by;
    promise_->self.resume();
  }
  // What it has come to, once.
  T take() {
    if constexpr (std::is_void_v<T>) {
      if (promise_ != nullptr) promise_->take();
    } else {
      return promise_->take();
    }
  }
  detail::not_void<T> take_value() {
    if constexpr (std::is_void_v<T>) {
      take();
      return std::monostate();
    } else
      return take();
  }

  // To be awaited.
  bool await_ready() const noexcept { return promise_ == nullptr || promise_->self.done(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    awaited_by_ = {2, waiting};
    begin(awaited_by_, *waiting.promise().root);
    return --awaited_by_.left != 0;
  }
  T await_resume() { return take(); }

 private:
  detail::promise<T>* promise_ = nullptr;
  detail::gathering awaited_by_;
};

namespace detail {

// What parameters a coroutine may have. Those that are references to values which may be gone by
// the time it goes on are seen here; std::string_view, std::span and pointers are not.
template <class Parameter>
inline constexpr bool may_dangle = std::is_rvalue_reference_v<Parameter> ||
                                   (std::is_lvalue_reference_v<Parameter> &&
                                    std::is_const_v<std::remove_reference_t<Parameter>>);

template <class... Parameters>
struct parameters_of {
  static constexpr bool begin_with_call = false;
  static constexpr bool dangle = false;
};
template <class... Others>
struct parameters_of<call, Others...> {
  static constexpr bool begin_with_call = true;
  static constexpr bool dangle = (may_dangle<Others> || ...);
};
template <class Object, class... Others>
struct parameters_of<Object&, call, Others...> : parameters_of<call, Others...> {};

inline call& call_of(call& owner, auto&...) { return owner; }
inline call& call_of(auto&, call& owner, auto&...) { return owner; }

// Its frame comes from the call, which is remembered before it. These are no templates, because g++
// 12 would not take them for a pair.
template <class T, class... Parameters>
struct promise_with : promise<T> {
  static_assert(parameters_of<Parameters...>::begin_with_call,
                "the first parameter of a coroutine that returns asyncd::task is an asyncd::call, "
                "by value: its frame "
                "lives in the memory of that call");
  static_assert(!parameters_of<Parameters...>::dangle,
                "a coroutine that returns asyncd::task takes its parameters by value, or as T& to "
                "what outlives it: "
                "what a const T& or a T&& is bound to may be gone when it goes on");

  static void* operator new(std::size_t size, std::remove_reference_t<Parameters>&... parameters) {
    asyncd_call& raw = call_of(parameters...).raw();
    void* const memory = raw.host->host_allocate(&raw, size + before_frame);
    if (memory == nullptr) throw std::bad_alloc();
    *static_cast<asyncd_call**>(memory) = &raw;
    return static_cast<std::byte*>(memory) + before_frame;
  }
  static void operator delete(void* frame, std::size_t size) {
    void* const memory = static_cast<std::byte*>(frame) - before_frame;
    asyncd_call* const raw = *static_cast<asyncd_call**>(memory);
    raw->host->host_release(raw, memory, size + before_frame);
  }

  task<T> get_return_object() {
    this->self = std::coroutine_handle<promise_with>::from_promise(*this);
    return task<T>(*this);
  }

 private:
  static constexpr std::size_t before_frame = call_alignment;
};

}  // namespace detail
}  // namespace asyncd

template <class T, class... Parameters>
struct std::coroutine_traits<asyncd::task<T>, Parameters...> {
  using promise_type = asyncd::detail::promise_with<T, Parameters...>;
};

#endif  // ASYNCD_TASK_HPP
