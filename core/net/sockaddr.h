// What the files of this folder share below ListenSocket: addresses as the system has them, and
// sockets that a child process does not inherit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/address.h"
#include "core/net/file_id.h"
#include "core/net/peer.h"
#include "core/net/socket.h"
#include "system_sockets.h"

namespace asyncd {

struct ListenAddress;
class ListenSocket;

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

// Both as the system calls of that name, but closed on exec. Without a socket: last_socket_error.
Socket stream_socket(int family);
Socket accept_socket(NativeSocket listening, sockaddr_storage& peer, SocketLength& size);

// A port is ours alone, and a restart need not wait for the last run's connections to be forgotten.
void claim_port(NativeSocket socket);
// On: it may be bound, and listen, beside others of this user that are on, too, though their
// addresses overlap.
void share_port(NativeSocket socket, bool on);
void admit_newcomers(NativeSocket listening, bool on);  // see ListenSocket

Result<Socket> bound_socket(const ListenAddress& address, const sockaddr* target, SocketLength size,
                            const std::vector<ListenSocket>& overlapping);
Error cannot_listen(const ListenAddress& address, int error);

// Of unix sockets, whose files can come to mean another one.
Error refused_path(const ListenAddress& address, std::string_view cause);
// As long as it is kept, others who want a path in the same folder wait: between a look at what is
// there and what is done about it no other process may act. Null where the lock fails.
std::shared_ptr<const void> hold_folder_of(const std::string& path);
// or says what is in the way
Result<void> clear_path(const ListenAddress& address, const sockaddr_un& target);
// without following a link
std::optional<FileId> file_id(const std::string& path);
void remove_socket_file(const std::string& path);

}  // namespace asyncd
