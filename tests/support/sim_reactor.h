// SimReactor: what a SimLoop offers to the operations of its handlers' calls: a time at which they
// run, a turn for the session of a call that has moved, and other threads, which post completion
// handles. Owned by the loop; one thread.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/operations/deferred_operations.h"
#include "tests/support/sim_world.h"

namespace asyncd::test {

class SimReactor final : private Reactor {
 public:
  // `resume` gives a turn to the session of a driver.
  SimReactor(SimWorld& world, std::function<void(void* driver)> resume)
      : world_(world), resume_(std::move(resume)) {}

  Operations* operations() { return &operations_; }
  Instant due() const { return std::min(operations_at_, woken_at_); }
  void run();  // the operations that are due
  // When the last hook began that has been told of.
  Instant hook_began() const { return hook_began_; }

  void post_after(Duration delay, std::uint64_t handle) {
    posts_.push_back({after(world_.now, delay), handle});
  }
  void post();  // what is due
  Instant next_post() const;
  std::size_t open_handles() { return completions_.open_count(); }

 private:
  struct Post {
    Instant at;
    std::uint64_t handle;
  };

  Instant now() const override { return world_.now; }
  void run_operations_at(Instant when) noexcept override;
  void on_hook(void*, Instant now) override { hook_began_ = now; }
  void resume(void* driver) override { resume_(driver); }
  // Connections to other servers need sockets; there are none here.
  std::unique_ptr<Watch> watch(Socket, Watcher&) override { return nullptr; }
  void wake() noexcept override { woken_at_ = std::min(woken_at_, world_.delayed()); }

  SimWorld& world_;
  const std::function<void(void* driver)> resume_;
  OffloadPool no_threads_{0};
  CompletionHandles completions_;
  DeferredOperations operations_{*this, completions_, no_threads_};
  Instant operations_at_ = never;
  Instant woken_at_ = never;
  Instant hook_began_{};
  std::vector<Post> posts_;
};

}  // namespace asyncd::test
