#include "tests/support/sim_reactor.h"

#include <algorithm>

#include "tests/support/failing_new.h"

namespace asyncd::test {

// The time before is forgotten, as a loop with one timer for them forgets it.
void SimReactor::run_operations_at(Instant when) noexcept {
  operations_at_ = world_.delayed(std::max(when, world_.now));
}

void SimReactor::run() {
  operations_at_ = never;
  woken_at_ = never;
  const CountAllocations on(true);
  operations_.run();
}

// The first post of a handle that is open counts; a later one is refused.
void SimReactor::post() {
  std::erase_if(posts_, [this](const Post& post) {
    if (post.at > world_.now) return false;
    CompletionHandles::post(post.handle);
    if (CompletionHandles::post(post.handle) == 0) world_.complain("a handle was posted twice");
    return true;
  });
}

Instant SimReactor::next_post() const {
  Instant next = never;
  for (const Post& post : posts_) next = std::min(next, post.at);
  return next;
}

}  // namespace asyncd::test
