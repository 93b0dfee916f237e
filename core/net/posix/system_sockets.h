// What differs between the systems' BSD sockets, for the files that call these. The folder windows
// has a header of the same name with the same declarations.
#pragma once

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <string>

#include "core/net/native_socket.h"

namespace asyncd {

using SystemSocket = int;
using SocketLength = socklen_t;
inline constexpr int interrupted = EINTR;

inline SystemSocket system_socket(NativeSocket socket) { return static_cast<int>(socket); }
inline int last_socket_error() { return errno == EWOULDBLOCK ? EAGAIN : errno; }
inline bool is_in_progress(int error) { return error == EINPROGRESS || error == EINTR; }
inline void start_sockets() {}
inline std::string lookup_error_text(int error) { return ::gai_strerror(error); }
inline int longest_backlog(int) { return 4096; }  // the system lowers it to its own limit

using PollEntry = pollfd;
inline constexpr int poll_readable = POLLIN, poll_writable = POLLOUT,
                     poll_broken = POLLERR | POLLHUP | POLLNVAL;
inline int poll_sockets(PollEntry* entries, std::size_t count, int millis) {
  return ::poll(entries, static_cast<nfds_t>(count), millis);
}

}  // namespace asyncd
