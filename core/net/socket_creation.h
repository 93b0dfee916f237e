// How sockets are made, and what those of this system can do. A child process does not inherit
// them.
#pragma once

#include "core/net/socket.h"

struct sockaddr_storage;

namespace asyncd {

// Without a socket: last_socket_error.
Socket stream_socket(int family);
Socket accept_socket(NativeSocket listening, sockaddr_storage& peer);

// Whether sockets of this process may listen side by side, however their addresses overlap.
bool can_share_ports();
// On: it may be bound, and listen, beside others of this user that are on, too, though their
// addresses overlap.
void share_port(NativeSocket socket, bool on);
void admit_newcomers(NativeSocket listening, bool on);  // see ListenSocket

bool has_abstract_sockets();  // see is_abstract

}  // namespace asyncd
