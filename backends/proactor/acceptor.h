// Acceptor: accepts on one loop and gives the connections to all loops in turn.
#pragma once

#include <asio/steady_timer.hpp>
#include <span>

#include "backends/proactor/asio_loop.h"
#include "backends/proactor/listener_watch.h"

namespace asyncd {

class Acceptor {
 public:
  // `loops.front()` is the one that accepts. All references outlive the acceptor. Throws
  // std::exception where the system has no handle left.
  Acceptor(Listener& listener, std::span<const std::unique_ptr<AsioLoop>> loops);
  ~Acceptor();

  // On the accepting loop's thread, all of them.
  void start() { watch(); }
  void accept();
  void finish_when_empty();  // takes in who waits already, then stops
  void stop();

 private:
  void watch();
  void retry_later();
  void hand_out(NewConnection connection);

  Listener& listener_;
  std::span<const std::unique_ptr<AsioLoop>> loops_;
  ListenerWatch watch_;
  asio::steady_timer retry_;
  std::size_t next_loop_ = 0;
  bool watching_ = false;
  bool finishing_ = false;
  bool stopped_ = false;
};

}  // namespace asyncd
