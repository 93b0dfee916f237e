#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "core/files/own_descriptor_posix.h"
#include "core/files/write_some_posix.h"
#include "core/log/file.h"

namespace asyncd::log {

namespace {

// The open neither waits for a FIFO's reader nor makes a terminal the controlling one.
constexpr int how = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::error_code last_error() { return {errno, std::generic_category()}; }

int descriptor(FileHandle file) { return static_cast<int>(file); }

std::error_code may_write(const std::filesystem::path& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 ? std::error_code()
                                                                    : last_error();
}

// The folder in which open would make the file: a link without a target has it made at the target.
std::filesystem::path place_of_new(std::filesystem::path path) {
  constexpr int most_links = 40;
  std::error_code none;
  for (int links = 0; links < most_links && std::filesystem::is_symlink(path, none); ++links)
    path = path.parent_path() / std::filesystem::read_symlink(path, none);
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

const std::string_view line_end = "\n";

std::error_code open_file(const std::filesystem::path& path, FileHandle& file) {
  if (const std::optional<int> own = own_descriptor(path)) {
    const int copy = duplicate(*own);
    if (copy < 0) return last_error();
    file = copy;
    return {};
  }
  const int fd = ::open(path.c_str(), how | O_CREAT, 0666);
  if (fd < 0) return last_error();
  // Only the logger's thread writes, and it may wait.
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  file = fd;
  return {};
}

std::error_code try_file(const std::filesystem::path& path) {
  if (const std::optional<int> own = own_descriptor(path))
    return ::fcntl(*own, F_GETFD) < 0 ? last_error() : std::error_code();
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return errno == ENOENT ? may_write(place_of_new(path), W_OK | X_OK) : last_error();
  // Opening a FIFO or a device would be noticed at its other end.
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return may_write(path, W_OK);
  const int fd = ::open(path.c_str(), how);
  if (fd < 0) return last_error();
  ::close(fd);
  return {};
}

void close_file(FileHandle file) { ::close(descriptor(file)); }

FileHandle standard_error() { return STDERR_FILENO; }

// A terminal may stop processes that write to it from the background ("stty tostop"), by a signal.
// It lets a thread write that blocks the signal. No handler runs on this thread, so no process that
// a handler starts inherits the mask.
void begin_writing() {
  sigset_t set;
  sigemptyset(&set);  // these are macros on macOS, so they have no scope
  sigaddset(&set, SIGTTOU);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::error_code write_file(FileHandle file, std::string_view bytes, std::size_t& written) {
  return write_some(descriptor(file), bytes, written);
}

bool same_file(FileHandle one, FileHandle other) {
  struct stat a {
  }, b{};
  return ::fstat(descriptor(one), &a) == 0 && ::fstat(descriptor(other), &b) == 0 &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace asyncd::log
