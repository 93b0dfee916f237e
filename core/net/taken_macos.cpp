// SO_NWRITE is what TCP has not got acknowledged yet. Of a unix socket it is nothing: what is sent
// lies with the other side at once.
#include <sys/socket.h>

#include <algorithm>

#include "core/net/taken.h"
#include "system_sockets.h"

namespace asyncd {

Taken taken_bytes(NativeSocket socket, std::uint64_t sent) {
  int queued = 0;
  socklen_t size = sizeof queued;
  if (::getsockopt(system_socket(socket), SOL_SOCKET, SO_NWRITE, &queued, &size) != 0 || queued < 0)
    return {sent, false};
  return {sent - std::min(sent, static_cast<std::uint64_t>(queued)), queued != 0};
}

// TCP_NOTSENT_LOWAT bounds here when a socket is called writable, not what it takes.
void bound_unsent(NativeSocket) {}

}  // namespace asyncd
