// ListenSocket: a bound, listening, non-blocking socket. Moved, never copied; closing it removes
// the file of a unix socket that it made. accept may be called by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/listen/listen_address.h"
#include "core/listen/socket_file.h"
#include "core/net/socket.h"

namespace asyncd {

struct Accepted {
  Socket socket;  // closed on exec; blocking where a single send can be told not to wait
  Peer peer;      // from accept itself: it cannot fail, not even for a client that has gone again
};

class ListenSocket {
 public:
  // Binds. Errors: 73 cannot bind (with the cause and who may be in the way), 77 no permission, 71
  // the system has no descriptor or memory left. Sockets of this process whose addresses overlap
  // with this one are in the way only where the system does not let them share the port.
  static Result<ListenSocket> bind(const ListenAddress& address,
                                   std::vector<ListenSocket> overlapping = {});
  // From here on it receives clients. Errors are as above.
  Result<void> listen();                                           // unless it does already
  static Result<ListenSocket> open(const ListenAddress& address);  // both

  ListenSocket(ListenSocket&&) noexcept = default;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket();

  // 0 and `accepted` filled, or the system's error number.
  int accept(Accepted& accepted);

  // For another accepting thread: the same queue of clients. The file of a unix socket stays this
  // one's, unless take_file moves it. The error is 71.
  Result<ListenSocket> duplicate() const;
  void take_file(ListenSocket& other);

  // Off: the system drops the first packet of a new connection, so its client sends it again later,
  // to the socket that listens then; handshakes under way complete. No effect where not supported.
  void admit_newcomers(bool on) const;

  void close();  // ends the queue, too, where no duplicate is left

  bool is_open() const { return static_cast<bool>(socket_); }
  NativeSocket handle() const { return socket_.handle(); }
  const ListenAddress& address() const { return address_; }  // with the real port
  std::string name() const { return address_.to_string(); }
  bool is_at(const ListenAddress& address) const;  // or at the same file by another path

 private:
  ListenSocket(Socket socket, ListenAddress address, bool listens)
      : socket_(std::move(socket)), address_(std::move(address)), listens_(listens) {}
  static Result<ListenSocket> bind_unix(const ListenAddress& address);

  Socket socket_;
  ListenAddress address_;
  bool listens_;
  std::optional<FileId> file_;             // of a unix socket: ours to remove
  std::vector<ListenSocket> overlapping_;  // until it listens
};

}  // namespace asyncd
