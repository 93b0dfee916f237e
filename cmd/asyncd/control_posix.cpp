#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <initializer_list>

#include "cmd/asyncd/control.h"

namespace asyncd {

namespace {

// The alarm is held, too: it ends a wait for which nothing came. sigtimedwait would need none, but macOS has no such
// call, and a way of its own for macOS would be one that no test has run.
constexpr std::initializer_list<int> held = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGALRM};

sigset_t held_set() {
  sigset_t set;
  sigemptyset(&set);  // these are macros on macOS, so they have no scope
  for (const int signal : held) sigaddset(&set, signal);
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

// A hard limit of "none" is not what macOS grants: it has another one for each process.
rlim_t most_descriptors(rlim_t hard) {
#if defined(__APPLE__)
  int most = OPEN_MAX;
  std::size_t size = sizeof most;
  ::sysctlbyname("kern.maxfilesperproc", &most, &size, nullptr, 0);
  return std::min(hard, static_cast<rlim_t>(most));
#else
  return hard;
#endif
}

// Zero: none any more.
void set_alarm(Duration wait) {
  const auto micros = std::chrono::ceil<std::chrono::microseconds>(wait).count();
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(micros / 1'000'000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(micros % 1'000'000);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

void prepare_process() {
  // Writing to one who does not read, or more than a file may hold, is an error like any other.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  // A socket must never get the number of a standard stream that was closed by whoever started us.
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) < 0) break;
}

void hold_reloads() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

void hold_requests() {
  const sigset_t set = held_set();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

Request wait_for_request(Duration wait) {
  set_alarm(std::clamp<Duration>(wait, std::chrono::microseconds(1), std::chrono::hours(1)));
  const sigset_t set = held_set();
  int signal = 0;
  ::sigwait(&set, &signal);
  // An alarm that goes off before this line ends the next wait early, which nobody minds.
  set_alarm(Duration::zero());
  return request_of(signal);
}

// Nobody here wants to be told: a process is its own sign of life, and standard error is read.
void tell_supervisor(Phase) {}
void tell_supervisor(const Error&) {}

void end_process(ExitCode code) { std::_Exit(static_cast<int>(code)); }

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  if (const rlim_t most = most_descriptors(limit.rlim_max); before < most) {
    limit.rlim_cur = most;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  return limit.rlim_cur;
}

}  // namespace asyncd
