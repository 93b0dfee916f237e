// What the system calls a socket. An integer everywhere; only the files of one system (*_posix,
// *_linux, *_macos, *_windows) know which.
#pragma once

#include <cstdint>

namespace asyncd {

using NativeSocket = std::intptr_t;
inline constexpr NativeSocket no_socket = -1;

}  // namespace asyncd
