#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <cerrno>

#include "cmd/asyncd/bench/child.h"
#include "core/base/error_text.h"

namespace asyncd::bench {

namespace {

class PosixProcess final : public Process {
 public:
  explicit PosixProcess(pid_t id) : id_(id) {}
  ~PosixProcess() override {
    if (!runs()) return;
    end();
    ::waitpid(id_, nullptr, 0);
  }

  std::uint64_t id() const override { return static_cast<std::uint64_t>(id_); }

  bool runs() override {
    if (!ended_) ended_ = ::waitpid(id_, nullptr, WNOHANG) != 0;
    return !ended_;
  }

  void ask_to_end() override {
    if (runs()) ::kill(id_, SIGTERM);
    if (runs()) ::kill(id_, SIGCONT);  // whoever has stopped it
  }
  void end() override {
    if (runs()) ::kill(id_, SIGKILL);
  }

 private:
  const pid_t id_;
  bool ended_ = false;
};

// Between fork and exec: nothing but system calls.
[[noreturn]] void become(const char* program, char* const* arguments, int output, pid_t parent) {
  // A Ctrl-C of the terminal is for us, and we end it.
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
#else
  static_cast<void>(parent);
#endif
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(program, arguments);
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const std::filesystem::path& program,
                                                const std::vector<std::string>& arguments,
                                                const std::filesystem::path& output) {
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Error{ExitCode::cannot_create, "cannot create '" + output.string() + "': " + error_text(errno)};
  const std::string name = program.string();
  std::vector<char*> words{const_cast<char*>(name.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) become(name.c_str(), words.data(), file, parent);
  const int failure = errno;
  ::close(file);
  if (id < 0) return Error{ExitCode::os_limit, "cannot start a process: " + error_text(failure)};
  return std::unique_ptr<Process>(std::make_unique<PosixProcess>(id));
}

}  // namespace asyncd::bench
