// What differs between the systems' BSD sockets, for the files that call these. The folder posix
// has a header of the same name with the same declarations.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>
// Needs the two above.
#include <afunix.h>

#include "core/net/native_socket.h"
#include "core/text/error_text.h"

namespace asyncd {

using SystemSocket = SOCKET;
using SocketLength = int;
inline constexpr int interrupted = WSAEINTR;

inline SystemSocket system_socket(NativeSocket socket) { return static_cast<SOCKET>(socket); }
inline int last_socket_error() { return ::WSAGetLastError(); }
inline bool is_in_progress(int error) { return error == WSAEWOULDBLOCK || error == WSAEINPROGRESS; }
void start_sockets();  // once per process, before the first of them

// Winsock's lookups fail with its ordinary numbers.
inline std::string lookup_error_text(int error) { return error_text(error); }

// The system refuses clients, rather than having them try again, once so many wait. A plain number
// is cut to 200; the negative one, SOMAXCONN_HINT(4096), is for TCP only.
inline int longest_backlog(int family) { return family == AF_UNIX ? SOMAXCONN : -4096; }

using PollEntry = WSAPOLLFD;
inline constexpr int poll_readable = POLLRDNORM, poll_writable = POLLWRNORM,
                     poll_broken = POLLERR | POLLHUP | POLLNVAL;
// of no sockets, too, which WSAPoll refuses
int poll_sockets(PollEntry* entries, std::size_t count, int millis);

}  // namespace asyncd
