#include "core/listen/accept_error.h"

#include "system_sockets.h"

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

}  // namespace asyncd
