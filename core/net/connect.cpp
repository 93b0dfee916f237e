#include "core/net/connect.h"

#include <cstring>

#include "core/net/sockaddr.h"

namespace asyncd {

struct Endpoint::Target {
  sockaddr_storage storage{};
  SocketLength size = 0;
};

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Error cannot_connect(const Address& address, const std::string& cause) {
  return {ExitCode::failure, "cannot connect to " + address.to_string() + ": " + cause};
}

bool is_loopback(const sockaddr_storage& storage) {
  const Peer peer = peer_of(storage);
  if (peer.family == Peer::Family::ipv4) return peer.bytes[0] == 127;
  sockaddr_in6 ipv6;
  std::memcpy(&ipv6, &storage, sizeof ipv6);
  return peer.family == Peer::Family::ipv6 && IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr);
}

}  // namespace

Result<Endpoint> Endpoint::look_up(const Address& address) {
  Endpoint endpoint;
  const auto target = std::make_shared<Target>();
  endpoint.target_ = target;
  if (address.kind == Address::Kind::unix_socket) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    if (address.path.size() > sizeof path.sun_path - 1)
      return cannot_connect(address, "the path is longer than " + std::to_string(sizeof path.sun_path - 1) +
                                         " bytes, the system's limit");
    address.path.copy(path.sun_path, sizeof path.sun_path - 1);
    std::memcpy(&target->storage, &path, sizeof path);
    target->size = sizeof path;
    endpoint.name_ = address.to_string();
    endpoint.loopback_ = true;
    return endpoint;
  }
  if (address.port == 0) return cannot_connect(address, "port 0 is nobody's; name the port of the server");
  start_sockets();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = address.host.empty() ? "127.0.0.1" : address.host;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) return cannot_connect(address, "'" + host + "' is not known (" + lookup_error_text(failure) + ")");
  const AddressList list(found, &::freeaddrinfo);
  // "localhost" is ::1 as well, where few listen: so IPv4 comes first where a name has both.
  const addrinfo* chosen = found;
  while (chosen != nullptr && chosen->ai_family != AF_INET) chosen = chosen->ai_next;
  if (chosen == nullptr) chosen = found;
  std::memcpy(&target->storage, chosen->ai_addr, chosen->ai_addrlen);
  target->size = static_cast<SocketLength>(chosen->ai_addrlen);
  endpoint.name_ = peer_of(target->storage).to_string();
  endpoint.loopback_ = asyncd::is_loopback(target->storage);
  return endpoint;
}

bool Endpoint::is_unix() const { return target_->storage.ss_family == AF_UNIX; }

std::uint16_t Endpoint::port() const { return peer_of(target_->storage).port; }

Connecting Connecting::begin(const Endpoint& endpoint) {
  Connecting result;
  const Endpoint::Target& target = *endpoint.target_;
  result.socket = stream_socket(target.storage.ss_family);
  if (!result.socket) {
    result.error = last_socket_error();
    return result;
  }
  set_non_blocking(result.socket.handle(), true);
  set_no_delay(result.socket.handle());
  const SystemSocket handle = system_socket(result.socket.handle());
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&target.storage), target.size) == 0) return result;
  if (const int error = last_socket_error(); !is_under_way(error)) {
    result.error = error;
    result.socket.close();
  }
  return result;
}

int connect_outcome(NativeSocket socket) {
  int error = 0;
  SocketLength size = sizeof error;
  const int failed = ::getsockopt(system_socket(socket), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size);
  return failed != 0 ? last_socket_error() : error;
}

}  // namespace asyncd
