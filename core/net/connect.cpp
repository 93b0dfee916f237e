#include "core/net/connect.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/net/sockaddr.h"
#include "core/net/socket_creation.h"

namespace asyncd {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

int look_up(const Address& address, int flags, AddressList& result) {
  start_sockets();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const char* const host = address.host.empty() ? nullptr : address.host.c_str();
  const int failure = ::getaddrinfo(host, std::to_string(address.port).c_str(), &hints, &list);
  if (failure == 0) result.reset(list);
  return failure;
}

Endpoint endpoint_of(const void* address, std::size_t size) {
  Endpoint endpoint;
  endpoint.size = static_cast<std::uint32_t>(std::min(size, endpoint.bytes.size()));
  std::memcpy(endpoint.bytes.data(), address, endpoint.size);
  return endpoint;
}

Result<std::vector<Endpoint>> resolve_unix(const Address& address) {
  const std::optional<UnixTarget> target = unix_target(address.path);
  if (!target)
    return Error{ExitCode::failure, "the path of " + address.to_string() + " is longer than " +
                                        std::to_string(longest_unix_path(address.path)) +
                                        " bytes, the system's limit"};
  return std::vector{endpoint_of(&target->address, static_cast<std::size_t>(target->size))};
}

}  // namespace

bool is_numeric(const Address& address) {
  if (address.kind == Address::Kind::unix_socket || address.host.empty()) return true;
  AddressList list(nullptr, &::freeaddrinfo);
  return look_up(address, AI_NUMERICHOST, list) == 0;
}

Result<std::vector<Endpoint>> resolve(const Address& address) {
  if (address.kind == Address::Kind::unix_socket) return resolve_unix(address);
  AddressList list(nullptr, &::freeaddrinfo);
  if (const int failure = look_up(address, 0, list); failure != 0)
    return Error{ExitCode::failure,
                 "cannot find '" + address.host + "' (" + lookup_error_text(failure) + ")"};
  std::vector<Endpoint> endpoints;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next)
    endpoints.push_back(endpoint_of(one->ai_addr, one->ai_addrlen));
  return endpoints;
}

Socket begin_connect(const Endpoint& endpoint, int& error) {
  const auto* target = reinterpret_cast<const sockaddr*>(endpoint.bytes.data());
  Socket socket = stream_socket(target->sa_family);
  if (!socket) {
    error = last_socket_error();
    return socket;
  }
  set_non_blocking(socket.handle(), true);
  set_no_delay(socket.handle());
  const int answer =
      ::connect(system_socket(socket.handle()), target, static_cast<SocketLength>(endpoint.size));
  error = answer == 0 ? 0 : last_socket_error();
  if (error == 0 || is_in_progress(error)) {
    error = 0;
    return socket;
  }
  return {};
}

int connect_error(NativeSocket socket) {
  int error = 0;
  SocketLength size = sizeof error;
  if (::getsockopt(system_socket(socket), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error),
                   &size) != 0)
    return last_socket_error();
  return error;
}

Peer peer_of(const Endpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.bytes.data(),
              std::min<std::size_t>(endpoint.size, sizeof storage));
  return peer_of(storage);
}

}  // namespace asyncd
