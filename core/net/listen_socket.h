// ListenSocket: a bound, listening, non-blocking socket. Moved, never copied; closing it removes the file of a unix
// socket that it made. accept may be called by one thread at a time.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/net/address.h"
#include "core/net/peer.h"
#include "core/net/socket.h"

namespace asyncd {

struct Accepted {
  Socket socket;  // closed on exec; blocking where a single send can be told not to wait
  Peer peer;      // from accept itself: it cannot fail, not even for a client that has gone again
};

// Which file a path meant.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  bool operator==(const FileId&) const = default;
};

class ListenSocket {
 public:
  // Binds and listens. Errors: 73 cannot bind (with the cause and who may be in the way), 77 no permission.
  static Result<ListenSocket> open(const Address& address);

  ListenSocket(ListenSocket&&) noexcept = default;
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();

  // 0 and `accepted` filled, or the system's error number.
  int accept(Accepted& accepted);

  // For another accepting thread: the same queue of clients. The file of a unix socket stays this one's, unless
  // take_file moves it.
  Result<ListenSocket> duplicate() const;
  void take_file(ListenSocket& other);

  void close();  // ends the queue, too, where no duplicate is left

  NativeSocket handle() const { return socket_.handle(); }
  const std::string& name() const { return name_; }  // the address with the real port

 private:
  ListenSocket(Socket socket, std::string name) : socket_(std::move(socket)), name_(std::move(name)) {}
  static Result<ListenSocket> open_tcp(const Address& address);
  static Result<ListenSocket> open_unix(const Address& address);

  Socket socket_;
  std::string name_;
  std::string path_;
  std::optional<FileId> file_;  // of a unix socket: ours to remove
};

}  // namespace asyncd
