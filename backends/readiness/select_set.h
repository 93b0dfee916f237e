// SelectSet: a socket set (core/io/event_loop.h) by select(). It has room for FD_SETSIZE sockets
// where a descriptor beyond that would be written outside the set, and for a number of our own
// where the set is a list. One thread.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/result.h"
#include "core/io/event_loop.h"
#include "core/net/socket.h"

namespace asyncd {

class SelectSet {
 public:
  SelectSet();
  ~SelectSet();
  SelectSet(SelectSet&&) noexcept;
  SelectSet& operator=(SelectSet&&) = delete;

  static Result<SelectSet> create() { return SelectSet(); }
  static std::uint64_t most_sockets();
  static std::uint64_t own_descriptors() { return 0; }

  bool holds(NativeSocket socket) const;
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
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

}  // namespace asyncd
