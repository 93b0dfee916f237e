// ListenerWatch: tells a loop that clients wait to be accepted. A listener's socket goes from one backend to another
// and back, so it never becomes a loop's for good. On the loop's thread, which outlives it.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "core/net/native_socket.h"

namespace asyncd {

class ListenerWatch {
 public:
  // Throws std::exception where the system has no handle left.
  ListenerWatch(asio::io_context& context, NativeSocket listening);
  ~ListenerWatch();

  // Calls `ready` once, when somebody waits; hardly ever once this is closed. One call at a time.
  void wait(std::function<void()> ready);
  void close();

 private:
  struct System;
  std::unique_ptr<System> system_;
};

}  // namespace asyncd
