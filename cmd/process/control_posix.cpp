#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>

#include "cmd/process/control.h"
#include "core/files/pipe_posix.h"
#include "core/system/standard_streams.h"

namespace asyncd {

namespace {

// Programs that handlers start inherit what a thread blocks and what the process ignores, but not
// what it catches. So asyncd blocks no signal on a thread that calls handlers and ignores none:
// each signal that means something is caught.
struct Meaning {
  int signal;
  Request request;
};
// Of several that have come, the first of these is taken first.
constexpr Meaning meanings[] = {{SIGHUP, Request::reload},
                                {SIGINT, Request::interrupt},
                                {SIGQUIT, Request::quit},
                                {SIGUSR1, Request::reopen},
#if defined(SIGPWR)
                                // to a container that is to shut down
                                {SIGPWR, Request::terminate},
#endif
                                {SIGTERM, Request::terminate}};

// Others whose action would be to end the process, or to stop it, and which mean nothing to a
// server.
struct Unused {
  int signal;
  const char* name;
};
constexpr Unused unused[] = {{SIGUSR2, "USR2"},     {SIGTTIN, "TTIN"},     {SIGTTOU, "TTOU"},
                             {SIGALRM, "ALRM"},     {SIGVTALRM, "VTALRM"}, {SIGPROF, "PROF"},
#if defined(SIGSTKFLT)
                             {SIGSTKFLT, "STKFLT"},
#endif
                             {SIGIO, "IO"}};

// All that a signal's handler touches. It runs on whichever thread the system chooses, mostly the
// main thread.
std::atomic<std::uint64_t> arrived{0};  // a bit for each signal
std::atomic<pid_t> own_process{0};
// wakes the main thread; without it, wait_for_request notices when its time is over
int bell[2] = {-1, -1};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<pid_t>::is_always_lock_free);

// A process that a handler has forked runs this too, until it becomes another program: there the
// system's own action is right. It may share this process's memory meanwhile (vfork), so it changes
// none.
bool is_of_a_child(int signal) {
  if (::getpid() == own_process) return false;
  ::signal(signal, SIG_DFL);
  ::kill(::getpid(), signal);  // once this returns
  return true;
}

void pass_over(int signal) {
  const int error = errno;
  is_of_a_child(signal);
  errno = error;
}

std::uint64_t bit_of(int signal) { return std::uint64_t{1} << (signal - 1); }

void note(int signal) {
  const int error = errno;
  if (!is_of_a_child(signal)) {
    arrived |= bit_of(signal);
    static_cast<void>(!::write(bell[1], "", 1));
  }
  errno = error;
}

// The system repeats calls that a signal interrupts, as far as it does so at all. But a terminal
// sends these two to the background for each call that it does not let happen: such a call fails,
// rather than being repeated without end.
bool is_of_background(int signal) { return signal == SIGTTIN || signal == SIGTTOU; }

void on_signal(int signal, void (*function)(int)) {
  struct sigaction action {};
  action.sa_handler = function;
  action.sa_flags = is_of_background(signal) ? 0 : SA_RESTART;
  sigfillset(&action.sa_mask);  // a macro on macOS, so it has no scope
  ::sigaction(signal, &action, nullptr);
}

void make_bell() {
  if (bell[0] >= 0 || !make_pipe(bell)) return;
  for (const int end : bell) ::fcntl(end, F_SETFL, O_NONBLOCK);
}

// Whether it has arrived. It is taken with that.
bool take(int signal) {
  const std::uint64_t bit = bit_of(signal);
  return (arrived & bit) != 0 && (arrived.fetch_and(~bit) & bit) != 0;
}

int last_unused = 0;  // of the main thread

Request take_request() {
  for (const Meaning& meaning : meanings)
    if (take(meaning.signal)) return meaning.request;
  for (int signal = 1; signal < NSIG; ++signal)
    if (take(signal)) {
      last_unused = signal;
      return Request::unused;
    }
  return Request::none;
}

// A tool that has been loaded with asyncd may have a use for it.
void catch_unused(int signal) {
  struct sigaction action {};
  if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL)
    on_signal(signal, note);
}

// Of those that the parent has had ignored.
void stop_ignoring(int signal) {
  struct sigaction action {};
  if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
    ::signal(signal, SIG_DFL);
}

// Signals that a user may have had ignored on purpose before the program starts: by nohup, so that
// it survives a hang-up, or by & in a script, so that it survives what is typed at the terminal.
constexpr int of_terminals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

// What else the parent has left blocked or ignored is not meant for this program.
void forget_inherited_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal)
    if (std::find(std::begin(of_terminals), std::end(of_terminals), signal) ==
        std::end(of_terminals))
      stop_ignoring(signal);
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

}  // namespace

void prepare_process() {
  own_process = ::getpid();
  forget_inherited_signals();
  // A write to a peer that no longer reads, or beyond a file's limit, fails like any other write.
  for (const int signal : {SIGPIPE, SIGXFSZ}) on_signal(signal, pass_over);
  hold_standard_streams();
}

void hold_reloads() {
  // a server's handlers start programs
  for (const int signal : of_terminals) stop_ignoring(signal);
  make_bell();
  for (const int signal : {SIGHUP, SIGUSR1}) on_signal(signal, note);
  for (const Unused& one : unused)
    if (!is_of_background(one.signal)) catch_unused(one.signal);
#if defined(SIGRTMIN)
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) catch_unused(signal);
#endif
}

std::string unused_signal() {
  for (const Unused& one : unused)
    if (one.signal == last_unused) return one.name;
#if defined(SIGRTMIN)
  if (last_unused >= SIGRTMIN) return "RTMIN+" + std::to_string(last_unused - SIGRTMIN);
#endif
  return std::to_string(last_unused);
}

void hold_requests() {
  make_bell();
  for (const Meaning& meaning : meanings) on_signal(meaning.signal, note);
  // Until now what asyncd has to say in the background waits for the terminal, as any program's
  // complaint does.
  for (const int signal : {SIGTTIN, SIGTTOU}) catch_unused(signal);
}

Request wait_for_request(Duration wait) {
  for (const Instant deadline = after(Clock::now(), wait);;) {
    if (const Request request = take_request(); request != Request::none) return request;
    const auto left = (deadline - Clock::now()) / std::chrono::milliseconds(1);
    if (left <= 0) return Request::none;
    pollfd waiting{bell[0], POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
    char rings[64];
    while (::read(bell[0], rings, sizeof rings) > 0) {
    }
  }
}

// No supervisor asks here: a process is its own sign of life, and standard error is read.
void tell_supervisor(ProcessState) {}
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
