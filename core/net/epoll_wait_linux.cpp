#include "core/net/epoll_wait_linux.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>

namespace asyncd {

int epoll_wait_for(int epoll, epoll_event* events, int most, Duration longest) {
  static std::atomic<bool> has_pwait2{true};
  if (longest <= Duration::zero()) return ::epoll_wait(epoll, events, most, 0);
  if (longest == unlimited_time) return ::epoll_wait(epoll, events, most, -1);
  const auto nanos = std::min<std::int64_t>(longest.count(), 3'600'000'000'000);
  if (has_pwait2.load(std::memory_order_relaxed)) {
    const timespec limit{static_cast<time_t>(nanos / 1'000'000'000),
                         static_cast<long>(nanos % 1'000'000'000)};
    const int count = ::epoll_pwait2(epoll, events, most, &limit, nullptr);
    // A container's filter of system calls may answer with another error than a kernel that lacks
    // it.
    if (count >= 0 || errno == EINTR) return count;
    has_pwait2.store(false, std::memory_order_relaxed);
  }
  return ::epoll_wait(epoll, events, most, static_cast<int>((nanos + 999'999) / 1'000'000));
}

}  // namespace asyncd
