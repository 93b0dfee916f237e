// EventBackend: a backend of event loops, each on a thread of its own. An accepting thread hands
// the connections out to them in turn, but to none that a handler's hook holds up, as long as
// another is free.
//
// `LoopType` is a ConnectionLoop with
//   Result<std::unique_ptr<LoopType>> create(listener, stop flag, number)
//   void run()            on its thread: until all connections have ended, after release or a stop
//   own_descriptors()     of one loop
//   most_connections()    of all loops; a loop that cannot watch every socket is the only one
//   of_a_connection()     the bytes that a connection takes
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backends/thread_backend.h"
#include "core/base/buffer.h"
#include "core/config/config.h"
#include "core/session/most_memory.h"

namespace asyncd {

template <class LoopType>
class EventBackend final : public ThreadBackend {
 public:
  EventBackend(std::string_view name, std::size_t threads) : name_(name), thread_count_(threads) {}
  ~EventBackend() override { join(); }

  std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const override {
    const Limits& limits = service.limits;
    return thread_count_ * (limits.input_buffer + BufferPool::default_cache) +
           std::min(connections, most_connections()) *
               (LoopType::of_a_connection() + sizeof(NewConnection) + most_buffered(limits) +
                most_in_calls(service));
  }

  std::uint64_t own_descriptors() const override {
    return thread_count_ * LoopType::own_descriptors() + 2;  // to wake the accepting thread
  }

  std::uint64_t most_connections() const override { return LoopType::most_connections(); }
  std::uint64_t serves_at_once() const override {
    // descriptors below the most that are no client's, and some more
    constexpr std::uint64_t of_the_program = 16;
    const std::uint64_t most = most_connections();
    return most == unlimited_count ? most : most - of_the_program;
  }

 private:
  Result<void> prepare(Listener& listener) override {
    for (std::size_t i = 0; i < thread_count_; ++i) {
      Result<std::unique_ptr<LoopType>> loop = LoopType::create(listener, stop_flag(), i + 1);
      if (!loop) return failure(loop.error());
      loops_.push_back(std::move(*loop));
    }
    threads_.reserve(thread_count_);
    for (const auto& loop : loops_) {
      Result<Thread> thread = Thread::start(0, [&loop] { loop->run(); });
      if (!thread) {
        release_loops();
        return failure(thread.error());
      }
      threads_.push_back(std::move(*thread));
    }
    return {};
  }

  Error failure(const Error& error) const { return {error.code, name_ + ": " + error.message}; }

  void run(Listener& listener) override {
    accept_loop(listener).run([&] { return share_anew(listener); },
                              [this](NewConnection&& connection) {
                                next_loop(coarse_now()).hand_over(std::move(connection));
                              });
    // Of a listener that has been replaced, clients may still wait for a loop that a handler holds
    // up.
    while (!stop_flag().stopping() && share_anew(listener) != never)
      std::this_thread::sleep_for(soon);
    release_loops();
  }

  void on_stop_flag() override {
    for (const auto& loop : loops_) {
      if (stop_flag().stopping()) loop->turn_away();
      loop->wake();
    }
  }

  void on_refresh() override {
    for (const auto& loop : loops_) loop->announce();
  }

  // All of them in turn, but for those that a handler holds up, as long as another is free.
  LoopType& next_loop(Instant now) {
    LoopType* loop = nullptr;
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      loop = loops_[next_loop_].get();
      next_loop_ = (next_loop_ + 1) % loops_.size();
      if (!loop->held_up(now)) break;
    }
    return *loop;
  }

  // Moves connections that wait for a held-up loop to a free one. Returns when to look again;
  // `never`: none waits.
  Instant share_anew(Listener& listener) {
    const Instant now = coarse_now();
    Instant look_again = never;
    for (const auto& loop : loops_) {
      if (!loop->has_waiting()) continue;
      look_again = after(now, soon);
      if (!loop->held_up(now)) continue;
      LoopType& other = next_loop(now);
      if (other.held_up(now)) break;
      while (std::optional<NewConnection> connection = loop->take_back()) {
        try {
          other.hand_over(std::move(*connection));
        } catch (const std::bad_alloc&) {
          listener.reject(std::move(*connection), RejectReason::no_memory);
        }
      }
    }
    return look_again;
  }

  void release_loops() {
    for (const auto& loop : loops_) loop->release();
    threads_.clear();
  }

  static constexpr Duration soon = std::chrono::milliseconds(20);

  const std::string name_;
  const std::size_t thread_count_;
  std::vector<std::unique_ptr<LoopType>> loops_;
  std::size_t next_loop_ = 0;
  std::vector<Thread> threads_;
};

// How many threads a backend of event loops has.
std::span<const Setting> event_loop_settings();
std::size_t threads_of(const BackendOptions& options);

}  // namespace asyncd
