// What the *_posix files of this folder share: sockaddr to Peer, and descriptors that a child process does not inherit.
#pragma once

#include <sys/socket.h>

#include "core/net/address.h"
#include "core/net/peer.h"
#include "core/net/socket.h"

namespace asyncd {

Peer peer_of(const sockaddr_storage& storage);

// Both as the system calls without "closed_on_exec": a descriptor, or -1 and errno.
int accept_closed_on_exec(int listening, sockaddr_storage& peer, socklen_t& size);
int stream_socket(int family);

Result<Socket> bind_and_listen(const Address& address, const sockaddr* target, socklen_t size);
Error cannot_listen(const Address& address, int error);

}  // namespace asyncd
