#include "backends/blocking/thread_per_connection.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "backends/blocking/blocking_loop.h"
#include "backends/thread_backend.h"

namespace asyncd {

namespace {

class ThreadPerConnectionBackend final : public ThreadBackend {
 public:
  ThreadPerConnectionBackend(std::int64_t max_threads, std::size_t stack_size)
      : max_threads_(max_threads), stack_size_(stack_size) {}

  std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const override {
    const auto most = std::min(static_cast<std::uint64_t>(max_threads_), connections);
    return most * (stack_size_ + BlockingLoop::memory_bound(service));
  }
  std::uint64_t serves_at_once() const override { return static_cast<std::uint64_t>(max_threads_); }
  std::uint64_t takes_in_at_once() const override { return serves_at_once(); }

 private:
  void run(Listener& listener) override {
    accept_loop(listener).run(
        [&](NewConnection connection) { start_thread(listener, std::move(connection)); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return threads_ == 0; });
  }

  void start_thread(Listener& listener, NewConnection connection) {
    count(+1);
    try {
      // Shared with the thread's body, because a body that never starts must give the connection
      // back.
      const auto place = std::make_shared<NewConnection>(std::move(connection));
      Result<Thread> thread =
          Thread::start_passing(stack_size_, [this, &listener, place, number = ++started_] {
            serve(listener, std::move(*place), number);
            count(-1);
          });
      if (thread) return thread->detach();
      connection = std::move(*place);
      listener.reject(std::move(connection), RejectReason::no_thread);
    } catch (const std::bad_alloc&) {
      listener.reject(std::move(connection), RejectReason::no_memory);
    }
    count(-1);
  }

  void serve(Listener& listener, NewConnection connection, std::uint64_t number) {
    try {
      BlockingLoop loop(listener, stop_flag(), number);
      loop.serve_only(std::move(connection));
    } catch (const std::bad_alloc&) {
      listener.reject(std::move(connection), RejectReason::no_memory);
    }
  }

  void count(std::int64_t change) {
    // Notified under the lock: once the last thread has let go of it, the backend may be destroyed.
    const std::lock_guard lock(mutex_);
    threads_ += change;
    changed_.notify_all();
  }

  const std::int64_t max_threads_;
  const std::size_t stack_size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t threads_ = 0;
  std::uint64_t started_ = 0;  // the accepting thread's
};

}  // namespace

std::span<const Setting> thread_per_connection_settings() {
  static const Setting settings[] = {
      {.key = "max_threads",
       .type = SettingType::count,
       .fallback = "4096",
       .doc = "threads at most; for further clients `overload` holds",
       .reload = Reload::listener,
       .least = 1,
       .most = 1'000'000},
      {.key = "stack_size",
       .type = SettingType::size,
       .fallback = "256KiB",
       .doc = "stack of each thread; what a handler needs on it must fit",
       .reload = Reload::listener,
       .least = 64 << 10,
       .most = 1 << 30},
  };
  return settings;
}

std::unique_ptr<Backend> make_thread_per_connection(const BackendOptions& options) {
  return std::make_unique<ThreadPerConnectionBackend>(
      std::get<std::int64_t>(options.at("max_threads")),
      static_cast<std::size_t>(std::get<std::int64_t>(options.at("stack_size"))));
}

}  // namespace asyncd
