// The system keeps the slice: a wait costs one call.
#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>

#include "core/net/receive_slice.h"
#include "core/net/socket_posix.h"
#include "system_sockets.h"

namespace asyncd {

void set_receive_slice(NativeSocket socket, Duration slice) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(slice).count();
  const timeval wait{static_cast<time_t>(micros / 1'000'000),
                     static_cast<suseconds_t>(micros % 1'000'000)};
  ::setsockopt(system_socket(socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

IoResult receive_within_slice(NativeSocket socket, std::span<char> buffer, Duration) {
  return receive(socket, buffer, 0);
}

}  // namespace asyncd
