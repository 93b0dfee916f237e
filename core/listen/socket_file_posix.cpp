#include "core/listen/socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/listen/listen_error.h"
#include "core/net/sockaddr.h"
#include "core/net/socket_creation.h"

namespace asyncd {

std::shared_ptr<const void> hold_folder_of(const std::string& path) {
  constexpr int most_tries = 100;
  constexpr auto pause = std::chrono::milliseconds(10);
  const std::string file = whole_unix_path(path);
  const std::string folder = file.substr(0, file.rfind('/') + 1);
  const int handle =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return nullptr;
  for (int i = 0; i < most_tries && ::flock(handle, LOCK_EX | LOCK_NB) != 0; ++i)
    std::this_thread::sleep_for(pause);
  return {nullptr, [handle](const void*) { ::close(handle); }};
}

namespace {

// macOS refuses clients also while the listener's queue is full.
#if defined(__APPLE__)
constexpr int probes = 8;
#else
constexpr int probes = 1;
#endif

// Whether a program listens there.
Result<bool> is_served(const ListenAddress& address, const sockaddr_un& target) {
  for (int i = 1;; ++i) {
    const Socket probe = stream_socket(AF_UNIX);
    if (!probe) return cannot_listen(address, errno);
    set_non_blocking(probe.handle(), true);
    const auto* const there = reinterpret_cast<const sockaddr*>(&target);
    if (::connect(static_cast<int>(probe.handle()), there, sizeof target) == 0) return true;
    if (errno == EACCES || errno == EPERM) return cannot_listen(address, errno);
    if (errno != ECONNREFUSED) return true;
    if (i == probes) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
}

}  // namespace

Result<void> clear_path(const ListenAddress& address, const sockaddr_un& target) {
  struct stat found {};
  if (::lstat(target.sun_path, &found) != 0) {
    if (errno == ENOENT) return {};
    return cannot_listen(address, errno);
  }
  if (S_ISLNK(found.st_mode))
    return refused_path(address, "the path is a symbolic link; name the socket itself");
  if (!S_ISSOCK(found.st_mode))
    return refused_path(address,
                        "the path exists and is not a socket; remove it, or choose another");
  const Result<bool> served = is_served(address, target);
  if (!served) return served.error();
  if (*served)
    return refused_path(address, "another process listens there: stop it, or choose another path");
  if (::unlink(target.sun_path) != 0 && errno != ENOENT) return cannot_listen(address, errno);
  return {};
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat found {};
  if (::lstat(whole_unix_path(path).c_str(), &found) != 0) return std::nullopt;
  return FileId{static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)};
}

void remove_socket_file(const std::string& path) { ::unlink(whole_unix_path(path).c_str()); }

}  // namespace asyncd
