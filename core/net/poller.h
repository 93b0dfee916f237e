// Poller: tells which of many sockets are ready. By epoll on Linux, by poll elsewhere. For the
// clients of this project; each backend has a way of its own. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/socket.h"

namespace asyncd {

class Poller {
 public:
  struct Event {
    std::uint64_t token;  // what the socket was added with
    bool readable;        // or broken: the next receive tells
    bool writable;        // likewise
  };

  static Result<Poller> create();
  ~Poller();
  Poller(Poller&&) noexcept;
  Poller& operator=(Poller&&) = delete;

  // Whether it could be added: the system's memory for it may be used up.
  bool add(NativeSocket socket, std::uint64_t token, bool writable);
  void watch_writable(NativeSocket socket, std::uint64_t token, bool on);
  void remove(NativeSocket socket);  // before it is closed

  // The sockets that are ready, at the latest after `wait`; empty then, or where a signal came.
  // Some systems know whole milliseconds only, and wait the longer. Valid until the next call.
  std::span<const Event> wait(Duration wait);

 private:
  struct State;
  explicit Poller(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace asyncd
