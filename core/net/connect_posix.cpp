#include "core/net/connect.h"

#include <cerrno>

namespace asyncd {

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

}  // namespace asyncd
