// What the files of this folder share of a POSIX socket.
#pragma once

#include <span>

#include "core/net/socket.h"

namespace asyncd {

// recv with these flags, again where a signal has come in between.
IoResult receive(NativeSocket socket, std::span<char> buffer, int flags);

}  // namespace asyncd
