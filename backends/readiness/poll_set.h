// PollSet: a socket set (core/io/event_loop.h) by poll(), on Windows WSAPoll. The system is shown
// only the sockets of which something is wanted: it tells of an end whether that was asked for or
// not. One thread.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/result.h"
#include "core/io/event_loop.h"
#include "core/net/socket.h"

namespace asyncd {

class PollSet {
 public:
  PollSet();
  ~PollSet();
  PollSet(PollSet&&) noexcept;
  PollSet& operator=(PollSet&&) = delete;

  static Result<PollSet> create() { return PollSet(); }
  static std::uint64_t most_sockets() { return unlimited_count; }
  static std::uint64_t own_descriptors() { return 0; }

  bool holds(NativeSocket) const { return true; }
  std::size_t add(NativeSocket socket, Watching);
  void remove(std::size_t slot);
  bool want_readable(std::size_t slot);
  void want_writable(std::size_t slot);
  void read_short(std::size_t) {}
  void read_nothing(std::size_t) {}
  void unwant(std::size_t slot);
  void wait(Duration longest);
  bool next_ready(std::size_t& slot, Ready& ready);

 private:
  struct Lists;
  std::unique_ptr<Lists> lists_;
};

}  // namespace asyncd
