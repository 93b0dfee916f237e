// What the system knows of a connection's output: how much of it the other side has taken, and how
// much of it the system keeps itself.
#pragma once

#include "core/base/taken.h"
#include "core/net/native_socket.h"

namespace asyncd {

// Of `sent` bytes in all, how many the other side has taken. Where the system cannot tell: all of
// them.
Taken taken_bytes(NativeSocket socket, std::uint64_t sent);

// Bounds what the system keeps of each connection's output, where it can be told.
void bound_unsent(NativeSocket listening);

}  // namespace asyncd
