// ThreadBackend: what all backends have in common that accept on a thread of their own: the stop
// flag, the waker and that thread. Only `blocking` calls handlers on it, so elsewhere no handler
// delays accepting.
#pragma once

#include <atomic>
#include <optional>

#include "backends/accept_loop.h"
#include "core/base/thread.h"
#include "core/server/backend.h"

namespace asyncd {

class ThreadBackend : public Backend {
 public:
  Result<void> start(Listener& listener) final;
  void refresh() final;
  void retire() final { advance(StopFlag::Phase::retired); }
  void drain() final { advance(StopFlag::Phase::draining); }
  void stop() final { advance(StopFlag::Phase::stopping); }
  void join() override { accepting_.join(); }
  bool done() const final { return done_; }

 protected:
  // On the accepting thread: accepts and serves until the stop flag ends it and all connections
  // have ended.
  virtual void run(Listener& listener) = 0;
  virtual Result<void> prepare(Listener& listener);  // before the accepting thread exists
  virtual void on_stop_flag() {}                     // any thread: wake what waits inside run
  virtual void on_refresh() {}                       // likewise: the listener has a new service

  AcceptLoop accept_loop(Listener& listener) { return {listener, stop_flag_, *waker_}; }
  const StopFlag& stop_flag() const { return stop_flag_; }

 private:
  void advance(StopFlag::Phase phase);

  StopFlag stop_flag_;
  std::optional<Waker> waker_;
  std::atomic<bool> done_{false};
  Thread accepting_;
};

}  // namespace asyncd
