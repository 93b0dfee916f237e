// Waker: wakes a thread that waits on sockets, from any thread. The waiting side watches handle()
// for input and drains it.
#pragma once

#include "core/base/result.h"
#include "core/net/socket.h"

namespace asyncd {

class Waker {
 public:
  static Result<Waker> create();

  void wake() noexcept;   // any thread; cheap when a wake-up is pending already
  void drain() noexcept;  // the waiting thread
  NativeSocket handle() const { return read_end_.handle(); }

 private:
  Waker(Socket read_end, Socket write_end)
      : read_end_(std::move(read_end)), write_end_(std::move(write_end)) {}

  Socket read_end_;
  Socket write_end_;
};

}  // namespace asyncd
