#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "cmd/asyncd/child_process.h"
#include "core/base/error_text.h"
#include "core/base/system_paths.h"

extern char** environ;

namespace asyncd {

namespace {

Error cannot_start(int error) { return {ExitCode::os_limit, "cannot start another process: " + error_text(error)}; }

int milliseconds(Duration wait) {
  return static_cast<int>(std::max<std::int64_t>(0, wait / std::chrono::milliseconds(1)));
}

// What its standard streams are: nothing, the pipe, ours.
class Streams {
 public:
  explicit Streams(int output) {
    failure_ = ::posix_spawn_file_actions_init(&actions_);
    if (failure_ == 0) failure_ = ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    if (failure_ == 0) failure_ = ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
  }
  ~Streams() { ::posix_spawn_file_actions_destroy(&actions_); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  int failure() const { return failure_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
  int failure_ = 0;
};

int spawn(pid_t& process, int output, std::span<const std::string> arguments) {
  const std::string program = executable_path().string();
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const Streams streams(output);
  if (streams.failure() != 0) return streams.failure();
  return ::posix_spawn(&process, program.c_str(), streams.actions(), nullptr, words.data(), environ);
}

std::optional<std::string> describe_end(int status) {
  if (WIFSIGNALED(status))
    return "the process died of signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) +
           ")";
  if (WEXITSTATUS(status) == 0) return std::nullopt;
  return "the process ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::span<const std::string> arguments) {
  int ends[2];
  if (::pipe(ends) != 0) return cannot_start(errno);
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  pid_t process = 0;
  const int failure = spawn(process, ends[1], arguments);
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

ChildProcess::Reading ChildProcess::read(std::string& text, Duration patience) {
  pollfd waiting{static_cast<int>(output_), POLLIN, 0};
  if (::poll(&waiting, 1, milliseconds(patience)) <= 0) return Reading::late;
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
    if (::waitpid(static_cast<pid_t>(process_), &status, WNOHANG) != 0) {
      process_ = 0;
      return describe_end(status);
    }
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
