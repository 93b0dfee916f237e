#include "backends/blocking/thread_pool.h"

#include <vector>

#include "backends/blocking/blocking_loop.h"
#include "backends/blocking/connection_queue.h"
#include "backends/thread_backend.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

class ThreadPoolBackend final : public ThreadBackend {
 public:
  ThreadPoolBackend(std::size_t threads, std::size_t capacity)
      : thread_count_(threads), capacity_(capacity) {}

  // Connections that wait hold nothing but their place in the queue.
  std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const override {
    constexpr std::uint64_t stack = 256 << 10;
    return thread_count_ * (stack + BlockingLoop::memory_bound(service)) +
           connections * 2 * sizeof(NewConnection);
  }
  std::uint64_t serves_at_once() const override { return thread_count_; }
  std::uint64_t takes_in_at_once() const override { return thread_count_ + capacity_; }

 private:
  Result<void> prepare(Listener& listener) override {
    listener_ = &listener;
    for (std::size_t i = 0; i < thread_count_; ++i) {
      loops_.push_back(std::make_unique<BlockingLoop>(listener, stop_flag(), i + 1));
      Result<Thread> thread =
          Thread::start(0, [this, &listener, &loop = *loops_.back()] { work(listener, loop); });
      if (!thread) {
        queue_.close();
        workers_.clear();
        return Error{thread.error().code, "thread-pool: thread " + std::to_string(i + 1) + " of " +
                                              std::to_string(thread_count_) + ": " +
                                              thread.error().message};
      }
      workers_.push_back(std::move(*thread));
    }
    return {};
  }

  void run(Listener& listener) override {
    accept_loop(listener).run([this](NewConnection connection) {
      queue_.push(std::move(connection));
      if (stop_flag().stopping()) turn_away();  // the thread that stopped it may have looked before
    });
    queue_.close();
    workers_.clear();
    const ConnectionQueue::Counts counts = queue_.counts();
    log::debug("queue", "queue",
               {{"listener", listener.name()},
                {"queued", counts.queued},
                {"most_queued", counts.most_queued},
                {"longest_wait", text::show_duration(counts.longest_wait)}});
  }

  void work(Listener& listener, BlockingLoop& loop) {
    for (std::uint64_t news = 0; !queue_.finished();) {
      loop.refresh();
      std::optional<NewConnection> connection = queue_.pop(news);
      if (!connection) continue;
      if (stop_flag().stopping())
        listener.reject(std::move(*connection), RejectReason::stopping);
      else
        loop.serve(std::move(*connection));
    }
    loop.end();
  }

  void on_refresh() override { queue_.announce(); }

  void on_stop_flag() override {
    // A drain still serves what waits; a stop turns it away.
    if (!stop_flag().stopping()) return;
    queue_.close();
    turn_away();
  }

  // After a stop: a thread that is in a handler's hook takes no client from the queue.
  void turn_away() {
    while (std::optional<NewConnection> connection = queue_.take_back())
      listener_->reject(std::move(*connection), RejectReason::stopping);
  }

  const std::size_t thread_count_;
  const std::size_t capacity_;
  Listener* listener_ = nullptr;
  ConnectionQueue queue_;
  std::vector<std::unique_ptr<BlockingLoop>> loops_;
  std::vector<Thread> workers_;
};

}  // namespace

std::span<const Setting> thread_pool_settings() {
  static const Setting settings[] = {
      {.key = "threads",
       .type = SettingType::count,
       .fallback = "64",
       .doc = "threads, each serving one connection at a time",
       .reload = Reload::listener,
       .least = 1,
       .most = 100'000},
      {.key = "queue",
       .type = SettingType::count,
       .fallback = "1024",
       .doc =
           "accepted connections that may wait for a thread; for further clients `overload` holds",
       .reload = Reload::listener,
       .least = 0,
       .most = 1'000'000},
  };
  return settings;
}

std::unique_ptr<Backend> make_thread_pool(const BackendOptions& options) {
  return std::make_unique<ThreadPoolBackend>(
      static_cast<std::size_t>(std::get<std::int64_t>(options.at("threads"))),
      static_cast<std::size_t>(std::get<std::int64_t>(options.at("queue"))));
}

}  // namespace asyncd
