// EpollSet: a socket set (core/io/event_loop.h) by epoll. A connection's socket is registered once,
// edge-triggered, and the set remembers what is known to be readable, so that a message costs no
// epoll_ctl: epoll(7) has the rule that a read that got less than it asked for has emptied a
// stream. It does not hold before a byte that is urgent, nor on unix sockets, where a read ends
// with what came with a descriptor: there only a read that found nothing has. Others are armed for
// each wait. One thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "backends/readiness/slots.h"
#include "core/base/result.h"
#include "core/io/event_loop.h"
#include "core/net/socket.h"

namespace asyncd {

class EpollSet {
 public:
  static Result<EpollSet> create();
  static std::uint64_t most_sockets() { return unlimited_count; }
  static std::uint64_t own_descriptors() { return 1; }

  bool holds(NativeSocket) const { return true; }
  std::size_t add(NativeSocket socket, Watching watching);
  void remove(std::size_t slot);
  bool want_readable(std::size_t slot);
  void want_writable(std::size_t slot);
  void read_short(std::size_t slot) {
    if (slots_[slot].short_is_empty) read_nothing(slot);
  }
  void read_nothing(std::size_t slot) { slots_[slot].readable = slots_[slot].ended; }
  void unwant(std::size_t slot) { slots_[slot].wanted = {}; }
  void wait(Duration longest);
  bool next_ready(std::size_t& slot, Ready& ready);

 private:
  struct Slot {
    int socket = -1;
    // how often the slot was given away: an event for an earlier socket is nothing
    std::uint32_t turn = 0;
    Watching watching = Watching::lasting;
    Ready wanted;
    bool readable = false;        // as far as is known
    bool ended = false;           // so it stays readable: reads tell of the end
    bool short_is_empty = false;  // a short read has emptied it
  };

  explicit EpollSet(Socket epoll) : epoll_(std::move(epoll)) {}
  int control(int operation, std::size_t slot, std::uint32_t events);
  void arm(std::size_t slot);

  Socket epoll_;
  Slots<Slot> slots_;
  std::array<epoll_event, 256> events_{};
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

}  // namespace asyncd
