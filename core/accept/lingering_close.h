// LingeringClose: the sockets of clients that have been refused. Closing a socket with unread input
// makes TCP destroy the words of the refusal before the client has read them, so each stays open
// for a moment, and what its client sends is thrown away. Bounded, never waits, and takes no memory
// but for refusals that go through a stage; any thread.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "core/accept/staged_refusal.h"
#include "core/net/socket.h"

namespace asyncd {

class LingeringClose {
 public:
  // Our side of `socket` has been shut, or will be once `refusal` has been sent. If there is no
  // room, the socket that was added first is closed.
  void add(Socket socket, Instant now, std::unique_ptr<StagedRefusal> refusal = nullptr);

  // Closes sockets whose client has left or whose time is over; call it at `next` at the latest.
  void tend(Instant now);
  Instant next(Instant now) const;

  void clear();  // closes all, when the process needs descriptors

 private:
  static constexpr std::size_t most = 64;
  struct Lingering {
    Socket socket;
    Instant end{};
    std::unique_ptr<StagedRefusal> refusal;  // null: it has been sent
  };

  mutable std::mutex mutex_;
  std::array<Lingering, most> lingering_;  // in no order; those without a socket are free
};

}  // namespace asyncd
