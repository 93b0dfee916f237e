// SocketSet: the sockets that select() watches, each at a slot, which is a small number. Its ceiling is the system's
// FD_SETSIZE where a descriptor beyond that would be written outside the set, and a bound of our own where the set is a
// list. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "core/net/socket.h"

namespace asyncd {

class SocketSet {
 public:
  SocketSet();
  ~SocketSet();
  SocketSet(SocketSet&&) noexcept;
  SocketSet& operator=(SocketSet&&) = delete;

  static std::size_t ceiling();  // slots are below it

  // The socket's slot; nothing when the set cannot hold it. Nothing is watched yet. Memory that cannot be had is
  // std::bad_alloc.
  std::optional<std::size_t> add(NativeSocket socket);
  void remove(std::size_t slot);

  void watch_readable(std::size_t slot, bool on);
  void watch_writable(std::size_t slot, bool on);

  // Calls select; `wait` may be unlimited_time. Afterwards next_ready gives each slot that is ready, once.
  void wait(Duration wait);
  bool next_ready(std::size_t& slot, Ready& ready);

 private:
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

}  // namespace asyncd
