#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "core/files/write_some_posix.h"
#include "core/system/standard_streams.h"
#include "core/text/error_text.h"

namespace asyncd {

namespace {

std::array<bool, 3> closed{};  // at start

// A terminal may want to stop those who write to it from the background ("stty tostop"). Where this
// process catches the signal for that, each write fails without end. The terminal lets a thread
// write that blocks the signal.
class PastTheTerminal {
 public:
  PastTheTerminal() {
    struct sigaction action {};
    if (::sigaction(SIGTTOU, nullptr, &action) != 0 || action.sa_handler == SIG_DFL) return;
    sigset_t set;
    sigemptyset(&set);  // these are macros on macOS, so they have no scope
    sigaddset(&set, SIGTTOU);
    blocks_ = ::pthread_sigmask(SIG_BLOCK, &set, &before_) == 0;
  }
  ~PastTheTerminal() {
    if (blocks_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PastTheTerminal(const PastTheTerminal&) = delete;
  PastTheTerminal& operator=(const PastTheTerminal&) = delete;

 private:
  sigset_t before_{};
  bool blocks_ = false;
};

std::error_code write_all(int descriptor, std::string_view bytes) {
  const PastTheTerminal past;
  while (!bytes.empty()) {
    std::size_t written = 0;
    if (const std::error_code error = write_some(descriptor, bytes, written)) return error;
    bytes.remove_prefix(written);
  }
  return {};
}

Error cannot_read(const std::string& why) {
  return {ExitCode::failure, "cannot read standard input: " + why};
}

}  // namespace

void hold_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    closed[static_cast<std::size_t>(fd)] = true;
    // it gets the lowest number that is free, which is this one
    if (::open("/dev/null", O_RDWR) < 0) return;
  }
}

bool is_output_closed() { return closed[STDOUT_FILENO]; }

std::string write_output(std::string_view bytes) {
  const std::error_code error = write_all(STDOUT_FILENO, bytes);
  return error ? error_text(error.value()) : "";
}

void print_error(std::string_view text) { write_all(STDERR_FILENO, text); }

Result<std::size_t> read_input(std::span<char> buffer) {
  if (closed[STDIN_FILENO]) return cannot_read("it is closed");
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EAGAIN) {
      pollfd wanted{STDIN_FILENO, POLLIN, 0};
      ::poll(&wanted, 1, -1);
    } else if (errno != EINTR) {
      return cannot_read(error_text(errno));
    }
  }
}

}  // namespace asyncd
