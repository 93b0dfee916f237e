#include "core/net/socket_creation.h"

#include "system_sockets.h"

namespace asyncd {

namespace {

// Every socket can serve any backend, so it can do overlapped I/O; and none of them ever blocks,
// because Windows cannot be asked for that call by call: code that wants to wait uses wait_ready.
Socket prepared(SOCKET handle) {
  if (handle == INVALID_SOCKET) return {};
  Socket socket(static_cast<NativeSocket>(handle));
  set_non_blocking(socket.handle(), true);
  // An urgent byte is one of the stream: else select would tell of it as it does of a connection
  // that cannot be made, again and again until it is read.
  const BOOL on = TRUE;
  ::setsockopt(handle, SOL_SOCKET, SO_OOBINLINE, reinterpret_cast<const char*>(&on), sizeof on);
  ::SetHandleInformation(reinterpret_cast<HANDLE>(handle), HANDLE_FLAG_INHERIT, 0);
  return socket;
}

}  // namespace

// A port that can be shared can be taken over by any process.
bool can_share_ports() { return false; }
void share_port(NativeSocket, bool) {}
void admit_newcomers(NativeSocket, bool) {}

bool has_abstract_sockets() { return false; }

Socket accept_socket(NativeSocket listening, sockaddr_storage& peer) {
  SocketLength size = sizeof peer;
  return prepared(::accept(system_socket(listening), reinterpret_cast<sockaddr*>(&peer), &size));
}

Socket stream_socket(int family) {
  start_sockets();
  return prepared(::WSASocketW(family, SOCK_STREAM, 0, nullptr, 0,
                               WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

}  // namespace asyncd
