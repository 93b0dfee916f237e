// Farewells: clients that have been turned away with a word. Their sockets stay open for a moment,
// and what they send is thrown away, because closing a socket with unread input makes TCP destroy
// the word before it has been read. Bounded, takes no memory of its own, never waits; any thread.
#pragma once

#include <array>
#include <mutex>

#include "core/net/socket.h"

namespace asyncd {

class Farewells {
 public:
  // Our side of `socket` has been shut. Where there is no room, the oldest has to go.
  void add(Socket socket, Instant now);

  // Closes those who have gone, or have had their time; call it at `next` at the latest.
  void tend(Instant now);
  Instant next(Instant now) const;

  void clear();  // all descriptors are needed

 private:
  static constexpr std::size_t most = 64;
  struct Farewell {
    Socket socket;
    Instant end{};
  };

  mutable std::mutex mutex_;
  std::array<Farewell, most> farewells_;  // in no order; those without a socket are free
};

}  // namespace asyncd
