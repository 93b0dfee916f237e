#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "cmd/process/child_process.h"
#include "core/files/pipe_posix.h"
#include "core/files/start_folder.h"
#include "core/system/executable.h"
#include "core/text/error_text.h"

namespace asyncd {

namespace {

Error cannot_start(int error) {
  return {ExitCode::os_limit, "cannot start another process: " + error_text(error)};
}

int milliseconds(Duration wait) {
  return static_cast<int>(std::max<std::int64_t>(0, wait / std::chrono::milliseconds(1)));
}

// Where the program's file has been replaced since, the kernel still knows the one that runs by
// another name.
std::string own_program() {
  const std::filesystem::path program = executable_path();
  std::error_code unknown;
  return std::filesystem::exists(program, unknown) ? program.string() : "/proc/self/exe";
}

// What a handler has opened, and not marked.
void inherit_no_descriptors() {
#if defined(SYS_close_range)
  constexpr unsigned mark_for_exec = 4;
  ::syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, mark_for_exec);
#endif
}

// Between fork and exec: nothing but system calls, for the memory is the parent's. A failure is
// told by its number.
[[noreturn]] void become(char* const* words, int output, ChildProcess::Kind kind, pid_t parent,
                         int trouble) {
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
#else
  static_cast<void>(parent);
#endif
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // The arguments may be relative paths, and a handler may have changed this process's folder. The
  // start folder may have been removed, or be closed to this user; then only relative paths fail,
  // and the program reports that itself.
  if (const char* folder = start_folder().c_str(); *folder != '\0')
    static_cast<void>(!::chdir(folder));
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  if (kind == ChildProcess::Kind::apart) {
    ::dup2(output, STDERR_FILENO);
    ::setpgid(0, 0);
  }
  if (nothing > STDERR_FILENO) ::close(nothing);
  inherit_no_descriptors();
  ::execv(words[0], words);
  const int failure = errno;
  static_cast<void>(!::write(trouble, &failure, sizeof failure));
  ::_exit(127);
}

// 0, or what has kept it from starting.
int spawn(pid_t& process, int output, std::span<const std::string> arguments,
          ChildProcess::Kind kind) {
  const std::string program = own_program();
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  int trouble[2];
  if (!make_pipe(trouble)) return errno;
  const pid_t parent = ::getpid();
#if defined(__linux__)
  // no copy of a large process; this thread waits until the child has become another program
  process = ::vfork();
#else
  process = ::fork();
#endif
  if (process == 0) become(words.data(), output, kind, parent, trouble[1]);
  int failure = process < 0 ? errno : 0;
  ::close(trouble[1]);
  // Closed by exec: then nothing is read.
  if (process > 0 && ::read(trouble[0], &failure, sizeof failure) > 0)
    ::waitpid(process, nullptr, 0);
  ::close(trouble[0]);
  return failure;
}

std::optional<std::string> describe_end(int status) {
  if (WIFSIGNALED(status))
    return "the process died of signal " + std::to_string(WTERMSIG(status)) + " (" +
           ::strsignal(WTERMSIG(status)) + ")";
  if (WEXITSTATUS(status) == 0) return std::nullopt;
  return "the process ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::span<const std::string> arguments, Kind kind) {
  int ends[2];
  if (!make_pipe(ends)) return cannot_start(errno);
  pid_t process = 0;
  const int failure = spawn(process, ends[1], arguments, kind);
  ::close(ends[1]);
  if (failure == 0) return ChildProcess(process, ends[0]);
  ::close(ends[0]);
  return cannot_start(failure);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, 0)), output_(std::exchange(other.output_, -1)) {}

ChildProcess::~ChildProcess() {
  if (output_ >= 0) ::close(static_cast<int>(output_));
  if (process_ == 0) return;
  ::kill(static_cast<pid_t>(process_), SIGKILL);
  ::waitpid(static_cast<pid_t>(process_), nullptr, 0);
}

std::uint64_t ChildProcess::id() const { return static_cast<std::uint64_t>(process_); }

void ChildProcess::ask_to_end() {
  ::kill(static_cast<pid_t>(process_), SIGTERM);
  ::kill(static_cast<pid_t>(process_), SIGCONT);  // it may have been stopped
}

ChildProcess::Reading ChildProcess::read(std::string& text, Duration patience) {
  const Instant deadline = after(Clock::now(), patience);
  pollfd waiting{static_cast<int>(output_), POLLIN, 0};
  for (int ready = 0; ready <= 0;) {
    ready = ::poll(&waiting, 1, milliseconds(deadline - Clock::now()));
    // by a signal that is caught, such as HUP
    const bool interrupted = ready < 0 && errno == EINTR;
    if (ready <= 0 && !interrupted) return Reading::late;
  }
  char bytes[4096];
  const ssize_t size = ::read(static_cast<int>(output_), bytes, sizeof bytes);
  if (size <= 0) return Reading::end;
  text.append(bytes, static_cast<std::size_t>(size));
  return Reading::bytes;
}

std::optional<std::string> ChildProcess::wait(Duration patience) {
  constexpr std::chrono::milliseconds step(10);
  for (Duration waited{};; waited += step) {
    int status = 0;
    const pid_t ended = ::waitpid(static_cast<pid_t>(process_), &status, WNOHANG);
    if (ended != 0) process_ = 0;
    if (ended < 0)
      return "the process has ended, and a handler that ignores SIGCHLD keeps the system from "
             "telling how";
    if (ended > 0) return describe_end(status);
    if (waited >= patience) return "the process does not end";
    ::poll(nullptr, 0, milliseconds(step));
  }
}

std::FILE* enter_child() {
  const int kept = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return kept < 0 ? nullptr : ::fdopen(kept, "w");
}

}  // namespace asyncd
