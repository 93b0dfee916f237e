#include "core/files/write_some_posix.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace asyncd {

std::error_code write_some(int descriptor, std::string_view bytes, std::size_t& written) {
  for (;;) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    written = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (count >= 0) return {};
    if (errno == EAGAIN) {
      pollfd wanted{descriptor, POLLOUT, 0};
      ::poll(&wanted, 1, -1);
    } else if (errno != EINTR) {
      return {errno, std::generic_category()};
    }
  }
}

}  // namespace asyncd
