#include "backends/proactor/proactor.h"

#include <asio/version.hpp>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backends/proactor/asio_loop.h"
#include "backends/thread_backend.h"
#include "core/base/cores.h"

namespace asyncd {

namespace {

constexpr Duration soon = std::chrono::milliseconds(20);

class ProactorBackend final : public ThreadBackend {
 public:
  explicit ProactorBackend(std::size_t threads) : thread_count_(threads) {}
  ~ProactorBackend() override { join(); }

  std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const override {
    const Limits& limits = service.limits;
    return thread_count_ * (limits.input_buffer + BufferPool::default_cache) +
           connections * (sizeof(AsioLoop::Connection) + sizeof(NewConnection) + AsioLoop::in_asio +
                          most_buffered(limits) + most_in_calls(service));
  }

  std::uint64_t own_descriptors() const override {
    constexpr std::uint64_t of_a_loop = 5;  // Asio's own three, and two to be woken by
    return thread_count_ * of_a_loop + 2;   // likewise for the accepting thread
  }

 private:
  Result<void> prepare(Listener& listener) override;
  void run(Listener& listener) override;
  void on_latch() override;
  void on_refresh() override;
  AsioLoop& next_loop(Instant now);
  void hand_out(NewConnection&& connection);
  Instant share_anew(Listener& listener);
  void release_loops();

  const std::size_t thread_count_;
  std::vector<std::unique_ptr<AsioLoop>> loops_;
  std::size_t next_loop_ = 0;
  std::vector<Thread> threads_;
};

Result<void> ProactorBackend::prepare(Listener& listener) {
  try {
    for (std::size_t i = 0; i < thread_count_; ++i)
      loops_.push_back(std::make_unique<AsioLoop>(listener, latch(), i + 1));
  } catch (const std::exception& failure) {
    return Error{ExitCode::os_limit, std::string("proactor: ") + failure.what() +
                                         "; use fewer threads, or raise the limit of open files (ulimit -n)"};
  }
  for (const auto& loop : loops_) {
    Result<Thread> thread = Thread::start(0, [&loop] { loop->run(); });
    if (!thread) {
      release_loops();
      return Error{thread.error().code, "proactor: " + thread.error().message};
    }
    threads_.push_back(std::move(*thread));
  }
  return {};
}

void ProactorBackend::run(Listener& listener) {
  accept_loop(listener).run([&] { return share_anew(listener); },
                            [this](NewConnection&& connection) { hand_out(std::move(connection)); });
  // Of a listener that has been replaced, clients may still wait for a loop that a handler holds up.
  while (!latch().stopping() && share_anew(listener) != never) std::this_thread::sleep_for(soon);
  release_loops();
}

// All of them in turn, but for those that a handler holds up, as long as another is free.
AsioLoop& ProactorBackend::next_loop(Instant now) {
  AsioLoop* loop = nullptr;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loop = loops_[next_loop_].get();
    next_loop_ = (next_loop_ + 1) % loops_.size();
    if (!loop->held_up(now)) break;
  }
  return *loop;
}

void ProactorBackend::hand_out(NewConnection&& connection) { next_loop(coarse_now()).hand_over(std::move(connection)); }

// Moves connections that wait for a held-up loop to a free one. Returns when to look again; `never`: none waits.
Instant ProactorBackend::share_anew(Listener& listener) {
  const Instant now = coarse_now();
  Instant look_again = never;
  for (const auto& loop : loops_) {
    if (!loop->has_waiting()) continue;
    look_again = after(now, soon);
    if (!loop->held_up(now)) continue;
    AsioLoop& other = next_loop(now);
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

void ProactorBackend::release_loops() {
  for (const auto& loop : loops_) loop->release();
  threads_.clear();
}

void ProactorBackend::on_latch() {
  for (const auto& loop : loops_) {
    if (latch().stopping()) loop->turn_away();
    loop->wake();
  }
}

void ProactorBackend::on_refresh() {
  for (const auto& loop : loops_) loop->announce();
}

}  // namespace

std::span<const Setting> proactor_settings() {
  static const CoreShare share = core_share();
  static const Setting settings[] = {
      {.key = "threads",
       .type = SettingType::count,
       .fallback = std::to_string(share.usable()),
       .doc = "threads, each with an event loop of its own; unless set, one per core that asyncd may use",
       .reload = Reload::listener,
       .least = 1,
       .most = 1024,
       .varies = share.text()},
  };
  return settings;
}

std::string proactor_library_version() {
  constexpr unsigned version = ASIO_VERSION;
  return std::to_string(version / 100'000) + '.' + std::to_string(version / 100 % 1000) + '.' +
         std::to_string(version % 100);
}

std::unique_ptr<Backend> make_proactor(const BackendOptions& options) {
  return std::make_unique<ProactorBackend>(static_cast<std::size_t>(std::get<std::int64_t>(options.at("threads"))));
}

}  // namespace asyncd
