#include "core/net/sockaddr.h"

namespace asyncd {

namespace {

// Every socket can serve any backend, so it can do overlapped I/O; and none of them ever blocks, because Windows cannot
// be asked for that call by call: who wants to wait uses wait_ready.
Socket prepared(SOCKET handle) {
  if (handle == INVALID_SOCKET) return {};
  Socket socket(static_cast<NativeSocket>(handle));
  set_non_blocking(socket.handle(), true);
  // An urgent byte is one of the stream: else select would tell of it as it does of a connection that cannot be made,
  // again and again until somebody reads it.
  const BOOL on = TRUE;
  ::setsockopt(handle, SOL_SOCKET, SO_OOBINLINE, reinterpret_cast<const char*>(&on), sizeof on);
  ::SetHandleInformation(reinterpret_cast<HANDLE>(handle), HANDLE_FLAG_INHERIT, 0);
  return socket;
}

}  // namespace

void start_sockets() {
  static const int failure = [] {
    WSADATA data;
    return ::WSAStartup(MAKEWORD(2, 2), &data);
  }();
  ::WSASetLastError(failure);
}

int poll_sockets(PollEntry* entries, std::size_t count, int millis) {
  if (count != 0) return ::WSAPoll(entries, static_cast<ULONG>(count), millis);
  ::Sleep(static_cast<DWORD>(millis));
  return 0;
}

Socket accept_socket(NativeSocket listening, sockaddr_storage& peer, SocketLength& size) {
  return prepared(::accept(system_socket(listening), reinterpret_cast<sockaddr*>(&peer), &size));
}

Socket stream_socket(int family) {
  start_sockets();
  return prepared(::WSASocketW(family, SOCK_STREAM, 0, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

}  // namespace asyncd
