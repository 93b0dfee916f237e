#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/net/listen_socket.h"
#include "core/net/sockaddr_posix.h"

namespace asyncd {

Error cannot_listen(const Address& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  if (error == EADDRINUSE) message += "; another process listens there: stop it, or choose another port";
  if (error == EADDRNOTAVAIL) message += "; this machine has no such address";
  if (error == EACCES && address.port != 0 && address.port < 1024)
    message += "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
  const bool denied = error == EACCES || error == EPERM;
  const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  return {denied ? ExitCode::permission : exhausted ? ExitCode::os_limit : ExitCode::cannot_create, std::move(message)};
}

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> look_up(const Address& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failure = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (failure != 0)
    return Error{ExitCode::cannot_create, "cannot listen on " + address.to_string() + ": '" + address.host +
                                              "' is not an address of this machine (" + ::gai_strerror(failure) + ")"};
  return AddressList(list, &::freeaddrinfo);
}

std::string bound_name(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return peer_of(storage).to_string();
}

}  // namespace

Result<Socket> bind_and_listen(const Address& address, const sockaddr* target, socklen_t size) {
  Socket socket(stream_socket(target->sa_family));
  if (!socket) return cannot_listen(address, errno);
  const int fd = static_cast<int>(socket.handle());
  constexpr int backlog = 4096;  // the system lowers it to its own limit
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a restart need not wait for TIME_WAIT
  if (target->sa_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd, target, size) != 0 || ::listen(fd, backlog) != 0) return cannot_listen(address, errno);
  set_non_blocking(fd, true);
  return socket;
}

Result<ListenSocket> ListenSocket::open(const Address& address) {
  return address.kind == Address::Kind::tcp ? open_tcp(address) : open_unix(address);
}

namespace {

// A machine without IPv6 still has all of its IPv4 addresses.
bool has_ipv6() {
  const Socket socket(stream_socket(AF_INET6));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  return socket && ::bind(static_cast<int>(socket.handle()), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

Result<ListenSocket> ListenSocket::open_tcp(const Address& address) {
  Address target = address;
  if (target.host.empty()) target.host = has_ipv6() ? "::" : "0.0.0.0";
  const Result<AddressList> list = look_up(target);
  if (!list) return list.error();
  Result<Socket> socket = bind_and_listen(address, (*list)->ai_addr, (*list)->ai_addrlen);
  if (!socket) return socket.error();
  std::string name = bound_name(static_cast<int>(socket->handle()));
  return ListenSocket(std::move(*socket), std::move(name));
}

int ListenSocket::accept(Accepted& accepted) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  int fd = -1;
  do {
    fd = accept_closed_on_exec(static_cast<int>(socket_.handle()), storage, size);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno == EWOULDBLOCK ? EAGAIN : errno;
  accepted.socket = Socket(fd);
  accepted.peer = peer_of(storage);
  return 0;
}

}  // namespace asyncd
