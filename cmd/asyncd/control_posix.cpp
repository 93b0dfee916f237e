#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>

#include "cmd/asyncd/control.h"

namespace asyncd {

namespace {

constexpr std::initializer_list<int> held = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1};

sigset_t held_set() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : held) ::sigaddset(&set, signal);
  return set;
}

Request request_of(int signal) {
  switch (signal) {
    case SIGTERM:
      return Request::terminate;
    case SIGINT:
      return Request::interrupt;
    case SIGQUIT:
      return Request::quit;
    case SIGHUP:
      return Request::reload;
    case SIGUSR1:
      return Request::reopen;
    default:
      return Request::none;
  }
}

}  // namespace

void prepare_process() {
  ::signal(SIGPIPE, SIG_IGN);
  // A socket must never get the number of a standard stream that was closed by whoever started us.
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) < 0) break;
}

void hold_requests() {
  const sigset_t set = held_set();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

Request wait_for_request(Duration wait) {
  const sigset_t set = held_set();
  const auto nanos = std::clamp<std::int64_t>(wait.count(), 0, 1'000'000'000LL * 3600);
  const timespec limit{static_cast<time_t>(nanos / 1'000'000'000), static_cast<long>(nanos % 1'000'000'000)};
  return request_of(::sigtimedwait(&set, nullptr, &limit));
}

void tell_supervisor(Phase) {}  // nobody here wants to be told: a process is its own sign of life

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  return limit.rlim_cur;
}

}  // namespace asyncd
