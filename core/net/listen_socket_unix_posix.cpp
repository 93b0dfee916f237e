// Unix sockets leave a file behind when their owner dies, and that file stops the next bind. It is replaced only when
// it is a socket on which nobody answers.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/net/listen_socket.h"
#include "core/net/sockaddr.h"

namespace asyncd {

namespace {

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Error refused(const Address& address, std::string_view cause) {
  return {ExitCode::cannot_create, "cannot listen on " + address.to_string() + ": " + std::string(cause)};
}

// Makes room at the path, or says what is in the way.
Result<void> clear_path(const Address& address, const sockaddr_un& target) {
  struct stat found {};
  if (::lstat(target.sun_path, &found) != 0) {
    if (errno == ENOENT) return {};
    return cannot_listen(address, errno);
  }
  if (S_ISLNK(found.st_mode)) return refused(address, "the path is a symbolic link; name the socket itself");
  if (!S_ISSOCK(found.st_mode))
    return refused(address, "the path exists and is not a socket; remove it, or choose another");
  const Socket probe = stream_socket(AF_UNIX);
  if (!probe) return cannot_listen(address, errno);
  set_non_blocking(probe.handle(), true);
  if (::connect(static_cast<int>(probe.handle()), generic(target), sizeof target) == 0 || errno != ECONNREFUSED) {
    if (errno == EACCES || errno == EPERM) return cannot_listen(address, errno);
    return refused(address, "another process listens there: stop it, or choose another path");
  }
  if (::unlink(target.sun_path) != 0 && errno != ENOENT) return cannot_listen(address, errno);
  return {};
}

}  // namespace

Result<ListenSocket> ListenSocket::open_unix(const Address& address) {
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  const std::size_t longest = sizeof target.sun_path - 1;
  if (address.path.size() > longest)
    return refused(address, "the path is longer than " + std::to_string(longest) + " bytes, the system's limit");
  address.path.copy(target.sun_path, longest);
  if (Result<void> cleared = clear_path(address, target); !cleared) return cleared.error();
  Result<Socket> socket = bind_and_listen(address, generic(target), sizeof target);
  if (!socket) return socket.error();
  ListenSocket result(std::move(*socket), address.to_string());
  struct stat made {};
  if (::lstat(target.sun_path, &made) == 0) {
    result.path_ = address.path;
    result.file_ = {static_cast<std::uint64_t>(made.st_dev), static_cast<std::uint64_t>(made.st_ino)};
  }
  return result;
}

ListenSocket::~ListenSocket() {
  if (!socket_ || path_.empty()) return;
  struct stat found {};
  if (::lstat(path_.c_str(), &found) == 0 && static_cast<std::uint64_t>(found.st_dev) == file_.device &&
      static_cast<std::uint64_t>(found.st_ino) == file_.inode)
    ::unlink(path_.c_str());
}

}  // namespace asyncd
