#include "backends/select/select.h"

#include <atomic>
#include <optional>

#include "backends/select/select_loop.h"
#include "core/base/thread.h"

namespace asyncd {

namespace {

class SelectBackend final : public Backend {
 public:
  Result<void> start(Listener& listener) override {
    Result<Waker> waker = Waker::create();
    if (!waker) return waker.error();
    if (!SocketSet::can_hold(waker->handle()) || !SocketSet::can_hold(listener.handle()))
      return Error{ExitCode::os_limit, "select: the process has too many descriptors open already (ceiling " +
                                           std::to_string(SocketSet::ceiling()) + "); choose another backend"};
    waker_.emplace(std::move(*waker));
    listener.set_waker([this] { waker_->wake(); });
    Result<Thread> thread = Thread::start(0, [this, &listener] {
      SelectLoop(listener, latch_, *waker_).run();
      done_ = true;
    });
    if (!thread) return thread.error();
    thread_ = std::move(*thread);
    return {};
  }

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
  std::atomic<bool> done_{false};
  Thread thread_;
};

}  // namespace

std::unique_ptr<Backend> make_select(const BackendOptions&) { return std::make_unique<SelectBackend>(); }

}  // namespace asyncd
