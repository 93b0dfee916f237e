#include "core/net/sockaddr.h"

namespace asyncd {

Socket accept_socket(NativeSocket listening, sockaddr_storage& peer, SocketLength& size) {
  return Socket(::accept4(system_socket(listening), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
}

bool has_abstract_sockets() { return true; }

Socket stream_socket(int family) { return Socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace asyncd
