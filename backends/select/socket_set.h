// SocketSet: the sockets that select() watches. Its ceiling is the system's FD_SETSIZE: a socket beyond it would be
// written outside the set, so can_hold is asked before anything else. One thread.
#pragma once

#include <cstddef>
#include <memory>

#include "core/net/socket.h"

namespace asyncd {

class SocketSet {
 public:
  SocketSet();
  ~SocketSet();
  SocketSet(const SocketSet&) = delete;
  SocketSet& operator=(const SocketSet&) = delete;

  static std::size_t ceiling();
  static bool can_hold(NativeSocket socket);

  // Only for sockets that it can hold.
  void watch_readable(NativeSocket socket, bool on);
  void watch_writable(NativeSocket socket, bool on);

  // Calls select; `wait` may be unlimited_time. Afterwards next_ready gives each socket that is ready, once.
  void wait(Duration wait);
  bool next_ready(NativeSocket& socket, Ready& ready);

 private:
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

}  // namespace asyncd
