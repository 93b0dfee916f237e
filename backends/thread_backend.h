// ThreadBackend: what all backends have in common that accept on a thread of their own: the latch,
// the waker and that thread. Only `blocking` calls handlers on it, so elsewhere no handler delays
// accepting.
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
  void retire() final { advance(Latch::Phase::retired); }
  void drain() final { advance(Latch::Phase::draining); }
  void stop() final { advance(Latch::Phase::stopping); }
  void join() override { accepting_.join(); }
  bool done() const final { return done_; }

 protected:
  // On the accepting thread: accepts and serves until the latch ends it and all connections have
  // ended.
  virtual void run(Listener& listener) = 0;
  virtual Result<void> prepare(Listener& listener);  // before the accepting thread exists
  virtual void on_latch() {}                         // any thread: wake what waits inside run
  virtual void on_refresh() {}                       // likewise: the listener has a new service

  AcceptLoop accept_loop(Listener& listener) { return {listener, latch_, *waker_}; }
  const Latch& latch() const { return latch_; }

 private:
  void advance(Latch::Phase phase);

  Latch latch_;
  std::optional<Waker> waker_;
  std::atomic<bool> done_{false};
  Thread accepting_;
};

}  // namespace asyncd
