#include "core/listen/accept_error.h"

#include <cerrno>

namespace asyncd {

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

}  // namespace asyncd
