// How a thread waits for input on one socket, for a bounded time.
#pragma once

#include <span>

#include "core/base/clock.h"
#include "core/net/socket.h"

namespace asyncd {

// Waits for input for about `slice`, then answers would_block. The socket has been told before: not
// every system can be told each time, and not every one remembers.
IoResult receive_within_slice(NativeSocket socket, std::span<char> buffer, Duration slice);
void set_receive_slice(NativeSocket socket, Duration slice);

}  // namespace asyncd
