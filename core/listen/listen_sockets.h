// ListenSockets: the sockets of one listener, accepted from in turn. Some of them may be leaving:
// what they listen on is no longer the listener's, and they go once the clients who have come to
// them are taken in.
//
// accept, close and handles belong to one thread, the accepting one; everything else may be called
// from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "core/listen/listen_socket.h"

namespace asyncd {

class ListenSockets {
 public:
  static constexpr std::size_t most = 32;  // in one listener; `leaving` included

  ListenSockets(std::vector<ListenSocket> own, std::vector<ListenSocket> leaving);

  // 0 and `accepted` filled, or the system's error number.
  int accept(Instant now, Accepted& accepted);
  void close();
  std::span<const NativeSocket> handles() const { return handles_; }
  // accept again then at the latest, though no client has come
  Instant next() const { return leaves_at_; }

  // Called before a socket is closed.
  void set_unwatch(std::function<void(NativeSocket)> unwatch) { unwatch_ = std::move(unwatch); }

  // From here on all is as this listener wants it: those that leave get no new clients, and soon
  // close.
  void settle();

  struct Place {
    ListenAddress address;
    bool leaving = false;
  };
  std::vector<Place> places() const;  // those that are open
  bool is_at(const ListenAddress& address) const;
  bool meets(const ListenSockets& other) const;  // both are at one address
  Result<ListenSocket> duplicate(const ListenAddress& address) const;
  // of the unix sockets that both have; before the other closes
  void take_files(ListenSockets& other);

 private:
  struct Entry {
    ListenSocket socket;
    bool leaving;
  };

  void forget(std::size_t index);
  void note_handles();

  mutable std::mutex mutex_;  // of what changes: entries close, files move
  std::vector<Entry> entries_;
  std::vector<NativeSocket> handles_;
  std::size_t turn_ = 0;
  std::atomic<Instant> leaves_at_{never};
  std::function<void(NativeSocket)> unwatch_;
};

}  // namespace asyncd
