#include "core/net/sockaddr.h"

#include <algorithm>
#include <cstring>

namespace asyncd {

namespace {

Peer peer_of_ipv6(const sockaddr_in6& address) {
  Peer peer;
  peer.port = ntohs(address.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
    peer.family = Peer::Family::ipv4;
    std::copy_n(address.sin6_addr.s6_addr + 12, 4, peer.bytes.begin());
  } else {
    peer.family = Peer::Family::ipv6;
    peer.scope = address.sin6_scope_id;
    std::copy_n(address.sin6_addr.s6_addr, 16, peer.bytes.begin());
  }
  return peer;
}

}  // namespace

Peer peer_of(const sockaddr_storage& storage) {
  Peer peer;
  if (storage.ss_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &storage, sizeof address);
    peer.family = Peer::Family::ipv4;
    peer.port = ntohs(address.sin_port);
    std::memcpy(peer.bytes.data(), &address.sin_addr, 4);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address;
    std::memcpy(&address, &storage, sizeof address);
    peer = peer_of_ipv6(address);
  } else if (storage.ss_family == AF_UNIX) {
    peer.family = Peer::Family::unix_socket;
  }
  return peer;
}

std::string Peer::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (family) {
    case Family::ipv4:
      ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
      return text + (":" + std::to_string(port));
    case Family::ipv6:
      ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
      return "[" + std::string(text) + (scope != 0 ? "%" + std::to_string(scope) : "") + "]:" + std::to_string(port);
    case Family::unix_socket:
      return "unix:";
    case Family::unknown:
      break;
  }
  return "unknown";
}

}  // namespace asyncd
