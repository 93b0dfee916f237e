// What the files of this folder share below ListenSocket: addresses as the system has them, and sockets that a child
// process does not inherit.
#pragma once

#include "core/net/address.h"
#include "core/net/peer.h"
#include "core/net/socket.h"
#include "system_sockets.h"

namespace asyncd {

Peer peer_of(const sockaddr_storage& storage);

// Both as the system calls of that name, but closed on exec. Without a socket: last_socket_error.
Socket stream_socket(int family);
Socket accept_socket(NativeSocket listening, sockaddr_storage& peer, SocketLength& size);

// A port is ours alone, and a restart need not wait for the last run's connections to be forgotten.
void claim_port(NativeSocket socket);

Result<Socket> bind_and_listen(const Address& address, const sockaddr* target, SocketLength size);
Error cannot_listen(const Address& address, int error);

}  // namespace asyncd
