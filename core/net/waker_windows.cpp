// A datagram socket that is connected to itself: no other program can send to it, and any wait for
// sockets can watch it.
#include "core/net/sockaddr.h"
#include "core/net/waker.h"

namespace asyncd {

namespace {

Error cannot_wake() {
  return {ExitCode::os_limit,
          "cannot create a socket to wake a thread: " + error_text(last_socket_error())};
}

}  // namespace

Result<Waker> Waker::create() {
  start_sockets();
  const SOCKET handle = ::WSASocketW(AF_INET, SOCK_DGRAM, 0, nullptr, 0,
                                     WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (handle == INVALID_SOCKET) return cannot_wake();
  Socket socket(static_cast<NativeSocket>(handle));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  int size = sizeof address;
  if (::bind(handle, generic, size) != 0 || ::getsockname(handle, generic, &size) != 0 ||
      ::connect(handle, generic, size) != 0)
    return cannot_wake();
  set_non_blocking(socket.handle(), true);
  return Waker(std::move(socket), {});
}

void Waker::wake() noexcept {
  const char byte = 0;
  // Where there is no room for one more, one that wakes just as well is waiting already.
  ::send(system_socket(read_end_.handle()), &byte, 1, 0);
}

void Waker::drain() noexcept {
  char bytes[16];
  while (::recv(system_socket(read_end_.handle()), bytes, sizeof bytes, 0) > 0) {
  }
}

}  // namespace asyncd
