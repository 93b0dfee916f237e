#include "core/net/listen_socket.h"

#include <memory>

#include "core/net/sockaddr.h"

namespace asyncd {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> look_up(const Address& address) {
  start_sockets();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failure = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (failure != 0)
    return Error{ExitCode::cannot_create, "cannot listen on " + address.to_string() + ": '" + address.host +
                                              "' is not an address of this machine (" + lookup_error_text(failure) +
                                              ")"};
  return AddressList(list, &::freeaddrinfo);
}

std::string bound_name(NativeSocket socket) {
  sockaddr_storage storage{};
  SocketLength size = sizeof storage;
  ::getsockname(system_socket(socket), reinterpret_cast<sockaddr*>(&storage), &size);
  return peer_of(storage).to_string();
}

}  // namespace

Result<Socket> bind_and_listen(const Address& address, const sockaddr* target, SocketLength size) {
  Socket socket = stream_socket(target->sa_family);
  if (!socket) return cannot_listen(address, last_socket_error());
  const SystemSocket handle = system_socket(socket.handle());
  claim_port(socket.handle());
  if (target->sa_family == AF_INET6) {
    const int off = 0;
    ::setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, reinterpret_cast<const char*>(&off), sizeof off);
  }
  if (::bind(handle, target, size) != 0 || ::listen(handle, longest_backlog(target->sa_family)) != 0)
    return cannot_listen(address, last_socket_error());
  set_non_blocking(socket.handle(), true);
  return socket;
}

Result<ListenSocket> ListenSocket::open(const Address& address) {
  return address.kind == Address::Kind::tcp ? open_tcp(address) : open_unix(address);
}

namespace {

// A machine without IPv6 still has all of its IPv4 addresses.
bool has_ipv6() {
  const Socket socket = stream_socket(AF_INET6);
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  return socket && ::bind(system_socket(socket.handle()), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

Result<ListenSocket> ListenSocket::open_tcp(const Address& address) {
  Address target = address;
  if (target.host.empty()) target.host = has_ipv6() ? "::" : "0.0.0.0";
  const Result<AddressList> list = look_up(target);
  if (!list) return list.error();
  Result<Socket> socket = bind_and_listen(address, (*list)->ai_addr, static_cast<SocketLength>((*list)->ai_addrlen));
  if (!socket) return socket.error();
  std::string name = bound_name(socket->handle());
  return ListenSocket(std::move(*socket), std::move(name));
}

Result<ListenSocket> ListenSocket::duplicate() const {
  Socket copy = asyncd::duplicate(socket_.handle());
  if (!copy)
    return Error{ExitCode::os_limit, "cannot listen on " + name_ + " once more: " + error_text(last_socket_error())};
  return ListenSocket(std::move(copy), name_);
}

int ListenSocket::accept(Accepted& accepted) {
  for (;;) {
    sockaddr_storage storage{};
    SocketLength size = sizeof storage;
    accepted.socket = accept_socket(socket_.handle(), storage, size);
    if (accepted.socket) {
      accepted.peer = peer_of(storage);
      return 0;
    }
    if (const int error = last_socket_error(); error != interrupted) return error;
  }
}

}  // namespace asyncd
