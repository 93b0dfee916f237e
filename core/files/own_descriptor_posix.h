// Names that stand for what this process has open already: /dev/stdin, /dev/stdout, /dev/stderr,
// /dev/fd/N, /proc/self/fd/N and /proc/PID/fd/N with its own number. Any thread.
#pragma once

#include <filesystem>
#include <optional>

namespace asyncd {

std::optional<int> own_descriptor(const std::filesystem::path& path);

// A duplicate of it, closed on exec; -1 and errno. Unlike opening the name once more this works for
// sockets, and for streams of another user.
int duplicate(int descriptor);

}  // namespace asyncd
