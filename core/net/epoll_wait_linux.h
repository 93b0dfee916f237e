// epoll_wait with a wait in nanoseconds, where the kernel can do that (Linux 5.11). Any thread.
#pragma once

#include <sys/epoll.h>

#include "core/base/clock.h"

namespace asyncd {

// As epoll_wait: the count of events, 0 when `longest` is over, -1 and errno.
int epoll_wait_for(int epoll, epoll_event* events, int most, Duration longest);

}  // namespace asyncd
