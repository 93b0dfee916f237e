#include "core/files/pipe_posix.h"

#include <fcntl.h>
#include <unistd.h>

namespace asyncd {

#if defined(__linux__)

bool make_pipe(int (&ends)[2]) { return ::pipe2(ends, O_CLOEXEC) == 0; }

#else

bool make_pipe(int (&ends)[2]) {
  if (::pipe(ends) != 0) return false;
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return true;
}

#endif

}  // namespace asyncd
