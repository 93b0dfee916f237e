#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "core/net/socket.h"
#include "core/net/socket_posix.h"

namespace asyncd {

IoResult::Status classify_io_error(int error) {
  switch (error) {
    case EAGAIN:
      return IoResult::Status::would_block;
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETRESET:
    case ENOTCONN:
    case EPROTOTYPE:  // macOS, from a send while the connection is being torn down
      return IoResult::Status::reset;
    default:
      return IoResult::Status::failed;
  }
}

namespace {

IoResult failure(int error) { return {classify_io_error(error), 0, error}; }

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // then the socket itself was told, see socket_creation_macos.cpp
#endif

int fd_of(NativeSocket socket) { return static_cast<int>(socket); }

}  // namespace

IoResult receive(NativeSocket socket, std::span<char> buffer, int flags) {
  for (;;) {
    const ssize_t count = ::recv(fd_of(socket), buffer.data(), buffer.size(), flags);
    if (count > 0) return {IoResult::Status::ok, static_cast<std::size_t>(count), 0};
    if (count == 0) return {IoResult::Status::eof, 0, 0};
    if (errno != EINTR) return failure(errno);
  }
}

void Socket::close() {
  // Not repeated on EINTR: Linux has released the descriptor by then, and its number may be
  // another file's.
  if (handle_ != no_socket) ::close(fd_of(release()));
}

std::size_t unread_bytes(NativeSocket socket) {
  int count = 0;
  return ::ioctl(fd_of(socket), FIONREAD, &count) == 0 ? static_cast<std::size_t>(count) : 0;
}

IoResult receive_some(NativeSocket socket, std::span<char> buffer) {
  return receive(socket, buffer, MSG_DONTWAIT);
}

IoResult send_some(NativeSocket socket, std::string_view bytes) {
  for (;;) {
    const ssize_t count =
        ::send(fd_of(socket), bytes.data(), bytes.size(), no_signal | MSG_DONTWAIT);
    if (count >= 0) return {IoResult::Status::ok, static_cast<std::size_t>(count), 0};
    if (errno != EINTR) return failure(errno);
  }
}

void shutdown_write(NativeSocket socket) { ::shutdown(fd_of(socket), SHUT_WR); }

void reset_on_close(NativeSocket socket) {
  const linger now{1, 0};
  ::setsockopt(fd_of(socket), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void set_non_blocking(NativeSocket socket, bool on) {
  const int flags = ::fcntl(fd_of(socket), F_GETFL, 0);
  ::fcntl(fd_of(socket), F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

void set_no_delay(NativeSocket socket) {
  const int on = 1;
  ::setsockopt(fd_of(socket), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void claim_port(NativeSocket socket) {
  const int on = 1;
  ::setsockopt(fd_of(socket), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

Socket duplicate(NativeSocket socket) { return Socket(::fcntl(fd_of(socket), F_DUPFD_CLOEXEC, 3)); }

namespace {

int poll_millis(Duration wait) {
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(
      std::clamp<Duration>(wait, {}, std::chrono::minutes(1)));
  return static_cast<int>(millis.count());
}

}  // namespace

Ready wait_ready(NativeSocket socket, bool readable, bool writable, Duration wait) {
  pollfd entry{fd_of(socket),
               static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0)), 0};
  if (::poll(&entry, 1, poll_millis(wait)) <= 0) return {};
  // An error or hang-up shows in the next receive or send, so both are worth a try.
  const bool broken = (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  return {readable && (broken || (entry.revents & POLLIN) != 0),
          writable && (broken || (entry.revents & POLLOUT) != 0)};
}

// macOS reports an error only to a poll that asks for something. Asking for input would report the
// client's end of output, too.
bool is_gone(NativeSocket socket) {
  pollfd entry{fd_of(socket), POLLOUT, 0};
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLERR | POLLHUP)) != 0;
}

void wait_readable(std::span<const NativeSocket> sockets, Duration wait) {
  std::array<pollfd, 64> entries{};
  std::size_t count = 0;
  for (const NativeSocket socket : sockets) entries[count++] = {fd_of(socket), POLLIN, 0};
  ::poll(entries.data(), static_cast<nfds_t>(count), poll_millis(wait));
}

}  // namespace asyncd
