#include "core/listen/listen_socket.h"

#include <utility>

#include "core/listen/listen_error.h"
#include "core/net/sockaddr.h"
#include "core/net/socket_creation.h"
#include "core/net/taken.h"

namespace asyncd {

namespace {

// For as long as it lives, the system lets these stand side by side on their port.
class SharedPort {
 public:
  SharedPort(const Socket& socket, const std::vector<ListenSocket>& overlapping)
      : socket_(socket), overlapping_(overlapping) {
    share(true);
  }
  ~SharedPort() { share(false); }
  SharedPort(const SharedPort&) = delete;
  SharedPort& operator=(const SharedPort&) = delete;

 private:
  void share(bool on) const {
    if (overlapping_.empty()) return;
    share_port(socket_.handle(), on);
    for (const ListenSocket& other : overlapping_) share_port(other.handle(), on);
  }

  const Socket& socket_;
  const std::vector<ListenSocket>& overlapping_;
};

std::uint16_t bound_port(NativeSocket socket) {
  sockaddr_storage storage{};
  SocketLength size = sizeof storage;
  ::getsockname(system_socket(socket), reinterpret_cast<sockaddr*>(&storage), &size);
  return peer_of(storage).port;
}

Result<Socket> bound_socket(const ListenAddress& address, const sockaddr* target, SocketLength size,
                            const std::vector<ListenSocket>& overlapping) {
  Socket socket = stream_socket(target->sa_family);
  if (!socket) return cannot_listen(address, last_socket_error());
  const SystemSocket handle = system_socket(socket.handle());
  claim_port(socket.handle());
  if (target->sa_family == AF_INET6) {
    const int only = address.only_ipv6 ? 1 : 0;
    ::setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, reinterpret_cast<const char*>(&only),
                 sizeof only);
  }
  const SharedPort shared(socket, overlapping);
  if (::bind(handle, target, size) != 0) return cannot_listen(address, last_socket_error());
  set_non_blocking(socket.handle(), true);
  bound_unsent(socket.handle());
  return socket;
}

}  // namespace

Result<ListenSocket> ListenSocket::open(const ListenAddress& address) {
  Result<ListenSocket> bound = bind(address);
  if (!bound) return bound;
  if (Result<void> listening = bound->listen(); !listening) return listening.error();
  return bound;
}

Result<ListenSocket> ListenSocket::bind(const ListenAddress& address,
                                        std::vector<ListenSocket> overlapping) {
  if (address.is_unix()) return bind_unix(address);
  sockaddr_storage target{};
  const SocketLength size = sockaddr_of(address.ip, target);
  Result<Socket> socket =
      bound_socket(address, reinterpret_cast<const sockaddr*>(&target), size, overlapping);
  if (!socket) return socket.error();
  ListenSocket result(std::move(*socket), address, false);
  result.address_.ip.port = bound_port(result.handle());
  result.overlapping_ = std::move(overlapping);
  return result;
}

Result<ListenSocket> ListenSocket::bind_unix(const ListenAddress& address) {
  const std::optional<UnixTarget> target = unix_target(address.path);
  if (!target)
    return refused_path(address, "the path is longer than " +
                                     std::to_string(longest_unix_path(address.path)) +
                                     " bytes, the system's limit");
  const bool has_file = !is_abstract(address.path);
  std::shared_ptr<const void> held;
  if (has_file) {
    held = hold_folder_of(address.path);
    if (Result<void> cleared = clear_path(address, target->address); !cleared)
      return cleared.error();
  }
  Result<Socket> socket =
      bound_socket(address, reinterpret_cast<const sockaddr*>(&target->address), target->size, {});
  if (!socket) return socket.error();
  ListenSocket result(std::move(*socket), address, false);
  if (Result<void> listening = result.listen(); !listening) return listening.error();
  if (has_file) result.file_ = file_id(address.path);
  return result;
}

Result<void> ListenSocket::listen() {
  if (listens_) return {};
  const std::vector<ListenSocket> overlapping = std::exchange(overlapping_, {});
  const SharedPort shared(socket_, overlapping);
  const int family = address_.is_unix() ? AF_UNIX : AF_INET;
  if (::listen(system_socket(handle()), longest_backlog(family)) == 0) {
    listens_ = true;
    return Result<void>();
  }
  return cannot_listen(address_, last_socket_error());
}

Result<ListenSocket> ListenSocket::duplicate() const {
  Socket copy = asyncd::duplicate(handle());
  if (!copy)
    return Error{ExitCode::os_limit,
                 "cannot listen on " + name() + " once more: " + error_text(last_socket_error())};
  return ListenSocket(std::move(copy), address_, listens_);
}

void ListenSocket::admit_newcomers(bool on) const { asyncd::admit_newcomers(handle(), on); }

void ListenSocket::take_file(ListenSocket& other) {
  if (other.file_) file_ = std::exchange(other.file_, std::nullopt);
}

ListenSocket::~ListenSocket() { close(); }

void ListenSocket::close() {
  if (socket_ && file_ && file_id(address_.path) == file_) remove_socket_file(address_.path);
  socket_.close();
}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  close();
  socket_ = std::move(other.socket_);
  address_ = std::move(other.address_);
  listens_ = other.listens_;
  file_ = std::exchange(other.file_, std::nullopt);
  overlapping_ = std::move(other.overlapping_);
  return *this;
}

bool ListenSocket::is_at(const ListenAddress& address) const {
  return address_ == address || (address.is_unix() && file_ && file_id(address.path) == file_);
}

int ListenSocket::accept(Accepted& accepted) {
  for (;;) {
    sockaddr_storage storage{};
    accepted.socket = accept_socket(socket_.handle(), storage);
    if (accepted.socket) {
      accepted.peer = peer_of(storage);
      return 0;
    }
    if (const int error = last_socket_error(); error != interrupted) return error;
  }
}

}  // namespace asyncd
