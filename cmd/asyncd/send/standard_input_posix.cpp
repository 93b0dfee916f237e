#include <unistd.h>

#include <cerrno>

#include "cmd/asyncd/send/standard_input.h"

namespace asyncd::send {

std::optional<std::size_t> read_standard_input(std::span<char> buffer) {
  ssize_t size = 0;
  do size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  while (size < 0 && errno == EINTR);
  if (size < 0) return std::nullopt;
  return static_cast<std::size_t>(size);
}

}  // namespace asyncd::send
