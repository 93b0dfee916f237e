#include <sys/socket.h>

#include "core/net/sockaddr_posix.h"

namespace asyncd {

int accept_closed_on_exec(int listening, sockaddr_storage& peer, socklen_t& size) {
  return ::accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
}

int stream_socket(int family) { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0); }

}  // namespace asyncd
