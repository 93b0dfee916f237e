// Addresses as the system has them, for the files that call its sockets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/net/address.h"
#include "core/net/peer.h"
#include "system_sockets.h"

namespace asyncd {

Peer peer_of(const sockaddr_storage& storage);
SocketLength sockaddr_of(const Peer& ip, sockaddr_storage& storage);

// What the system wants of a unix socket's path. Nothing: the path is too long.
struct UnixTarget {
  sockaddr_un address{};
  SocketLength size = 0;
};
std::size_t longest_unix_path(std::string_view path);  // of its kind
// The socket's file by its whole name. What the system takes is short, so unix_target leaves a
// relative path as it is where the whole is too long and no handler has moved the process.
std::string whole_unix_path(std::string_view path);
std::optional<UnixTarget> unix_target(std::string_view path);

}  // namespace asyncd
