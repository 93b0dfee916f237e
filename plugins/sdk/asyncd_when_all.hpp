// asyncd_when_all.hpp: a part of asyncd_async.hpp: several tasks at once.
//
// Thread: that of the call's hooks. Ownership: what awaits them has the tasks, and goes on when the
// last has ended, so one that fails leaves none behind. Errors: see when_all.
#ifndef ASYNCD_WHEN_ALL_HPP
#define ASYNCD_WHEN_ALL_HPP

#include <coroutine>
#include <cstddef>
#include <iterator>
#include <tuple>
#include <utility>

#include "asyncd_task.hpp"

namespace asyncd {
namespace detail {

template <class... T>
class [[nodiscard]] all_of : public awaitable {
 public:
  explicit all_of(task<T>&&... tasks) : tasks_(std::move(tasks)...) {}
  all_of(const all_of&) = delete;
  all_of& operator=(const all_of&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    awaited_by_ = {sizeof...(T) + 1, waiting};
    promise_base& root = *waiting.promise().root;
    std::apply([&](task<T>&... each) { (each.begin(awaited_by_, root), ...); }, tasks_);
    return --awaited_by_.left != 0;
  }
  std::tuple<not_void<T>...> await_resume() {
    return std::apply(
        [](task<T>&... each) { return std::tuple<not_void<T>...>{each.take_value()...}; }, tasks_);
  }

 private:
  std::tuple<task<T>...> tasks_;
  gathering awaited_by_;
};

template <class Tasks>
class [[nodiscard]] each_of : public awaitable {
 public:
  explicit each_of(Tasks& tasks) : tasks_(tasks) {}
  each_of(const each_of&) = delete;
  each_of& operator=(const each_of&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    awaited_by_ = {std::size(tasks_) + 1, waiting};
    for (auto& each : tasks_) each.begin(awaited_by_, *waiting.promise().root);
    return --awaited_by_.left != 0;
  }
  void await_resume() const noexcept {}

 private:
  Tasks& tasks_;
  gathering awaited_by_;
};

}  // namespace detail

// Begins all of them, and goes on once all have ended: gives what they gave, or throws what the
// first of them, in their order, has thrown. Where operations block, one runs after the other.
template <class... T>
requires(sizeof...(T) != 0) detail::all_of<T...> when_all(task<T>... tasks) {
  return detail::all_of<T...>(std::move(tasks)...);
}

// Likewise for as many as a container has. It throws nothing: take() of each tells what it has come
// to.
template <class Tasks>
requires requires(Tasks& tasks) { std::begin(tasks)->take(); }
detail::each_of<Tasks> when_all(Tasks& tasks) { return detail::each_of<Tasks>(tasks); }

}  // namespace asyncd

#endif  // ASYNCD_WHEN_ALL_HPP
