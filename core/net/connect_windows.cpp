#include "core/net/connect.h"

#include "system_sockets.h"

namespace asyncd {

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

}  // namespace asyncd
