// StandardInput: what asyncd itself is sent, as the feed of each server. It can be read only once,
// so no server gets further ahead of the slowest than a few MiB. A thread of its own reads it; all
// else is for the main thread.
#pragma once

#include <memory>

#include "cmd/send/feed.h"
#include "core/net/waker.h"

namespace asyncd::send {

class StandardInput {
 public:
  // `waker` is woken when there is something new. The reading thread may outlive this: nothing can
  // end its wait.
  StandardInput(const Framing& framing, Waker& waker);
  ~StandardInput();
  Result<void> start();

  std::unique_ptr<Feed> feed() const;  // before start; its end gives up the rest

 private:
  class Window;
  class WindowFeed;
  std::shared_ptr<Window> window_;
};

}  // namespace asyncd::send
