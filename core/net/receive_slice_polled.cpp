// For systems that cannot be asked, call by call, not to wait in a send: Windows has no such flag,
// and macOS takes MSG_DONTWAIT and waits all the same. So no socket ever blocks there, and code
// that wants to wait polls before the call.
#include "core/net/receive_slice.h"

namespace asyncd {

void set_receive_slice(NativeSocket, Duration) {}

IoResult receive_within_slice(NativeSocket socket, std::span<char> buffer, Duration slice) {
  const IoResult at_once = receive_some(socket, buffer);
  if (at_once.status != IoResult::Status::would_block) return at_once;
  if (!wait_ready(socket, true, false, slice).readable) return at_once;
  return receive_some(socket, buffer);
}

}  // namespace asyncd
