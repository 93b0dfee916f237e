#include "backends/select/select.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "backends/select/select_loop.h"
#include "core/base/thread.h"

namespace asyncd {

namespace {

class SelectBackend final : public Backend {
 public:
  std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const override {
    const Limits& limits = service.limits;
    const std::uint64_t most = std::min<std::uint64_t>(SocketSet::ceiling(), connections);
    return limits.input_buffer + BufferPool::default_cache +
           most * (sizeof(Driver<SelectLoop>) + most_buffered(limits) + most_in_calls(service));
  }

  std::uint64_t most_connections() const override { return SocketSet::ceiling(); }
  std::uint64_t serves_at_once() const override {
    constexpr std::size_t of_the_program = 16;  // descriptors below the ceiling that are no client's, and some more
    return SocketSet::ceiling() - of_the_program;
  }

  Result<void> start(Listener& listener) override {
    Result<Waker> waker = Waker::create();
    if (!waker) return waker.error();
    waker_.emplace(std::move(*waker));
    Result<SelectLoop::Sockets> sockets = SelectLoop::watch(listener, *waker_);
    if (!sockets) return sockets.error();
    listener.set_waker([this] { waker_->wake(); });
    try {
      loop_ = std::make_unique<SelectLoop>(listener, latch_, *waker_, std::move(*sockets));
    } catch (const std::bad_alloc&) {
      return Error{ExitCode::os_limit, "select: not enough memory for its lists"};
    }
    Result<Thread> thread = Thread::start(0, [this] {
      loop_->run();
      done_ = true;
    });
    if (!thread) return thread.error();
    thread_ = std::move(*thread);
    return {};
  }

  void refresh() override {
    loop_->announce();
    waker_->wake();
  }
  void retire() override { advance(Latch::Phase::retired); }
  void drain() override { advance(Latch::Phase::draining); }
  void stop() override { advance(Latch::Phase::stopping); }
  void join() override { thread_.join(); }
  bool done() const override { return done_; }

 private:
  void advance(Latch::Phase phase) {
    latch_.advance(phase);
    if (waker_) waker_->wake();
  }

  Latch latch_;
  std::optional<Waker> waker_;
  std::unique_ptr<SelectLoop> loop_;
  std::atomic<bool> done_{false};
  Thread thread_;
};

}  // namespace

std::unique_ptr<Backend> make_select(const BackendOptions&) { return std::make_unique<SelectBackend>(); }

}  // namespace asyncd
