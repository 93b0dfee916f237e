#include <io.h>

#include <algorithm>
#include <climits>

#include "cmd/asyncd/send/standard_input.h"

namespace asyncd::send {

std::optional<std::size_t> read_standard_input(std::span<char> buffer) {
  constexpr int descriptor = 0;
  const int size =
      ::_read(descriptor, buffer.data(), static_cast<unsigned>(std::min<std::size_t>(buffer.size(), INT_MAX)));
  if (size < 0) return std::nullopt;
  return static_cast<std::size_t>(size);
}

}  // namespace asyncd::send
