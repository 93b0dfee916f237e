// No accept4 and no SOCK_CLOEXEC: a child process that is started in between inherits the
// descriptor, which costs it no more than that. SIGPIPE is switched off for each socket, because
// send has no flag for it, and waits in spite of MSG_DONTWAIT: see receive_slice_polled.cpp.
#include <fcntl.h>

#include "core/net/socket_creation.h"
#include "system_sockets.h"

namespace asyncd {

namespace {

Socket prepared(int descriptor) {
  Socket socket(descriptor);
  if (!socket) return socket;
  const int on = 1;
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  // A client that is gone already makes this fail; then asyncd catches SIGPIPE and passes over it.
  ::setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
  return socket;
}

}  // namespace

// One address and all of its protocol listen side by side as it is. Not all pairs do.
bool can_share_ports() { return false; }
void share_port(NativeSocket, bool) {}
void admit_newcomers(NativeSocket, bool) {}

bool has_abstract_sockets() { return false; }

Socket accept_socket(NativeSocket listening, sockaddr_storage& peer) {
  SocketLength size = sizeof peer;
  Socket socket =
      prepared(::accept(system_socket(listening), reinterpret_cast<sockaddr*>(&peer), &size));
  if (socket) set_non_blocking(socket.handle(), true);
  return socket;
}

Socket stream_socket(int family) { return prepared(::socket(family, SOCK_STREAM, 0)); }

}  // namespace asyncd
