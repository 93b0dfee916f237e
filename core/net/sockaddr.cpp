#include "core/net/sockaddr.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/files/start_folder.h"
#include "core/text/path_text.h"

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

SocketLength sockaddr_of(const Peer& ip, sockaddr_storage& storage) {
  if (ip.family == Peer::Family::ipv4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(ip.port);
    std::memcpy(&address.sin_addr, ip.bytes.data(), 4);
    std::memcpy(&storage, &address, sizeof address);
    return sizeof address;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(ip.port);
  address.sin6_scope_id = ip.scope;
  std::memcpy(&address.sin6_addr, ip.bytes.data(), 16);
  std::memcpy(&storage, &address, sizeof address);
  return sizeof address;
}

// The end of a file's name is found by a NUL. An abstract name begins with one, in place of the
// '@', and has its length.
std::size_t longest_unix_path(std::string_view path) {
  return sizeof(sockaddr_un::sun_path) - (is_abstract(path) ? 0 : 1);
}

std::string whole_unix_path(std::string_view path) {
  return is_abstract(path) ? std::string(path) : path_text(absolute_path(path_of(path)));
}

std::optional<UnixTarget> unix_target(std::string_view given) {
  const std::string whole = whole_unix_path(given);
  const bool fits = whole.size() <= longest_unix_path(given);
  if (!fits && !is_in_start_folder()) return std::nullopt;
  const std::string_view path = fits ? whole : given;
  if (path.size() > longest_unix_path(path)) return std::nullopt;
  UnixTarget target;
  target.address.sun_family = AF_UNIX;
  path.copy(target.address.sun_path, path.size());
  target.size = sizeof target.address;
  if (is_abstract(path)) {
    target.address.sun_path[0] = '\0';
    target.size = static_cast<SocketLength>(offsetof(sockaddr_un, sun_path) + path.size());
  }
  return target;
}

}  // namespace asyncd
