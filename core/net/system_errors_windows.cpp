// What the system's error numbers mean: to a connection, to accept, and to those who want to
// listen.
#include "core/net/accept_error.h"
#include "core/net/connect.h"
#include "core/net/listen_address.h"
#include "core/net/sockaddr.h"

namespace asyncd {

IoResult::Status classify_io_error(int error) {
  switch (error) {
    case WSAEWOULDBLOCK:
      return IoResult::Status::would_block;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAETIMEDOUT:
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
    case WSAENOTCONN:
    case WSAESHUTDOWN:
    // A completion port has numbers of its own for the same.
    case ERROR_NETNAME_DELETED:
    case ERROR_BROKEN_PIPE:
    case ERROR_CONNECTION_ABORTED:
    case ERROR_SEM_TIMEOUT:
    case ERROR_HOST_UNREACHABLE:
    case ERROR_NETWORK_UNREACHABLE:
      return IoResult::Status::reset;
    default:
      return IoResult::Status::failed;
  }
}

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

ConnectError classify_connect_error(int error) {
  switch (error) {
    case 0:
      return ConnectError::none;
    case WSAECONNREFUSED:
      return ConnectError::refused;
    case WSAEADDRNOTAVAIL:
    case WSAEADDRINUSE:
      return ConnectError::no_port;
    case WSAEMFILE:
    case WSAENOBUFS:
      return ConnectError::no_resource;
    default:
      return ConnectError::unreachable;
  }
}

Error cannot_listen(const ListenAddress& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  // "Access denied" is of another's exclusive port, and of the ranges that Hyper-V, WSL and Docker
  // have reserved.
  const bool port_denied = error == WSAEACCES && !address.is_unix();
  if (error == WSAEADDRINUSE)
    message += "; another process listens there: stop it, or choose another port";
  if (port_denied)
    message +=
        "; another process has the port, or Windows keeps it for itself ('netsh interface ipv4 "
        "show excludedportrange "
        "protocol=tcp' lists those): choose another port";
  if (error == WSAEADDRNOTAVAIL) message += "; this machine has no such address";
  if (error == WSAEAFNOSUPPORT) message += "; this Windows has no sockets of that kind";
  const bool denied = error == WSAEACCES && !port_denied;
  const bool exhausted =
      error == WSAEMFILE || error == WSAENOBUFS || error == WSA_NOT_ENOUGH_MEMORY;
  const ExitCode other = exhausted ? ExitCode::os_limit : ExitCode::cannot_create;
  return {denied ? ExitCode::permission : other, std::move(message)};
}

}  // namespace asyncd
