// What Winsock's error numbers mean to accept and to those who want to listen.
#include "core/net/accept_error.h"
#include "core/net/sockaddr.h"

namespace asyncd {

AcceptError classify_accept_error(int error) {
  switch (error) {
    case WSAEWOULDBLOCK:
      return AcceptError::would_block;
    case WSAEMFILE:
    case WSAENOBUFS:
    case WSA_NOT_ENOUGH_MEMORY:
      return AcceptError::out_of_resource;
    case WSAEBADF:
    case WSAEINVAL:
    case WSAENOTSOCK:
    case WSAEOPNOTSUPP:
    case WSAEFAULT:
    case WSANOTINITIALISED:
      return AcceptError::broken;
    default:
      return AcceptError::retry;  // WSAECONNRESET and its like are of one connection
  }
}

Error cannot_listen(const Address& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  // Another's exclusive port is "access denied" here.
  const bool in_use = error == WSAEADDRINUSE || (error == WSAEACCES && address.kind == Address::Kind::tcp);
  if (in_use) message += "; another process listens there: stop it, or choose another port";
  if (error == WSAEADDRNOTAVAIL) message += "; this machine has no such address";
  if (error == WSAEAFNOSUPPORT) message += "; this Windows has no sockets of that kind";
  const bool denied = error == WSAEACCES && !in_use;
  const bool exhausted = error == WSAEMFILE || error == WSAENOBUFS || error == WSA_NOT_ENOUGH_MEMORY;
  return {denied ? ExitCode::permission : exhausted ? ExitCode::os_limit : ExitCode::cannot_create, std::move(message)};
}

}  // namespace asyncd
