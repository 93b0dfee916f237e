#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/net/listen_socket.h"
#include "core/net/sockaddr.h"

namespace asyncd {

Result<void> clear_path(const Address& address, const sockaddr_un& target) {
  struct stat found {};
  if (::lstat(target.sun_path, &found) != 0) {
    if (errno == ENOENT) return {};
    return cannot_listen(address, errno);
  }
  if (S_ISLNK(found.st_mode)) return refused_path(address, "the path is a symbolic link; name the socket itself");
  if (!S_ISSOCK(found.st_mode))
    return refused_path(address, "the path exists and is not a socket; remove it, or choose another");
  const Socket probe = stream_socket(AF_UNIX);
  if (!probe) return cannot_listen(address, errno);
  set_non_blocking(probe.handle(), true);
  if (::connect(static_cast<int>(probe.handle()), reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0 ||
      errno != ECONNREFUSED) {
    if (errno == EACCES || errno == EPERM) return cannot_listen(address, errno);
    return refused_path(address, "another process listens there: stop it, or choose another path");
  }
  if (::unlink(target.sun_path) != 0 && errno != ENOENT) return cannot_listen(address, errno);
  return {};
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  return FileId{static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)};
}

void remove_socket_file(const std::string& path) { ::unlink(path.c_str()); }

}  // namespace asyncd
