#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "core/files/pipe_posix.h"
#include "core/net/waker.h"

namespace asyncd {

Result<Waker> Waker::create() {
  int ends[2];
  if (!make_pipe(ends))
    return Error{ExitCode::os_limit, "cannot create a pipe to wake a thread: " + error_text(errno)};
  Socket read_end(ends[0]);
  Socket write_end(ends[1]);
  for (const int end : ends) set_non_blocking(end, true);
  return Waker(std::move(read_end), std::move(write_end));
}

void Waker::wake() noexcept {
  const char byte = 0;
  // A full pipe wakes just as well; nothing else can go wrong with it.
  [[maybe_unused]] const ssize_t written = ::write(static_cast<int>(write_end_.handle()), &byte, 1);
}

void Waker::drain() noexcept {
  char bytes[256];
  while (::read(static_cast<int>(read_end_.handle()), bytes, sizeof bytes) > 0) {
  }
}

}  // namespace asyncd
