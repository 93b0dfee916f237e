// What the system's error numbers mean: to a connection, to accept, and to those who want to
// listen.
#include <cerrno>

#include "core/net/accept_error.h"
#include "core/net/connect.h"
#include "core/net/listen_address.h"
#include "core/net/sockaddr.h"

namespace asyncd {

IoResult::Status classify_io_error(int error) {
  switch (error) {
    case EAGAIN:
      return IoResult::Status::would_block;
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETRESET:
    case ENOTCONN:
    case EPROTOTYPE:  // macOS, from a send while the connection is being torn down
      return IoResult::Status::reset;
    default:
      return IoResult::Status::failed;
  }
}

AcceptError classify_accept_error(int error) {
  switch (error) {
    case EAGAIN:
      return AcceptError::would_block;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptError::out_of_resource;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
    case EFAULT:
      return AcceptError::broken;
    default:
      // ECONNABORTED, EPROTO, EPERM (a firewall) and the pending network errors that accept(2)
      // lists are of one connection.
      return AcceptError::retry;
  }
}

ConnectError classify_connect_error(int error) {
  switch (error) {
    case 0:
      return ConnectError::none;
    case ECONNREFUSED:
    case ENOENT:  // the file of a unix socket
    case EAGAIN:  // Linux: the queue of a unix socket is full
      return ConnectError::refused;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return ConnectError::no_port;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return ConnectError::no_resource;
    default:
      return ConnectError::unreachable;
  }
}

Error cannot_listen(const ListenAddress& address, int error) {
  std::string message = "cannot listen on " + address.to_string() + ": " + error_text(error);
  const bool unix_path = address.is_unix();
  if (error == EADDRINUSE)
    message += "; another process listens there: stop it, or choose another " +
               std::string(unix_path ? "name" : "port");
  if (error == EADDRNOTAVAIL)
    message += "; this machine has no such address: choose one of its own";
  if (unix_path && error == ENOENT)
    message += "; its folder is not there: make it, or choose another path";
  if (unix_path && error == EACCES)
    message += "; asyncd's user may not write in its folder: let it, or choose another path";
  if (error == EACCES && address.ip.port != 0 && address.ip.port < 1024)
    message += "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
  const bool denied = error == EACCES || error == EPERM;
  const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  const ExitCode other = exhausted ? ExitCode::os_limit : ExitCode::cannot_create;
  return {denied ? ExitCode::permission : other, std::move(message)};
}

}  // namespace asyncd
