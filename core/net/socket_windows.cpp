// Sockets here never block (see socket_creation_windows.cpp), so "waits" is a wait before the call.
#include "core/net/socket.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "system_sockets.h"

namespace asyncd {

IoResult::Status classify_io_error(int error) {
  switch (error) {
    case WSAEWOULDBLOCK:
      return IoResult::Status::would_block;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAETIMEDOUT:
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
    case WSAENOTCONN:
    case WSAESHUTDOWN:
    // A completion port has numbers of its own for the same.
    case ERROR_NETNAME_DELETED:
    case ERROR_BROKEN_PIPE:
    case ERROR_CONNECTION_ABORTED:
    case ERROR_SEM_TIMEOUT:
    case ERROR_HOST_UNREACHABLE:
    case ERROR_NETWORK_UNREACHABLE:
      return IoResult::Status::reset;
    default:
      return IoResult::Status::failed;
  }
}

namespace {

IoResult failure(int error) { return {classify_io_error(error), 0, error}; }

int length_of(std::size_t bytes) {
  return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

int poll_millis(Duration wait) {
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(
      std::clamp<Duration>(wait, {}, std::chrono::minutes(1)));
  return static_cast<int>(millis.count());
}

}  // namespace

void Socket::close() {
  if (handle_ != no_socket) ::closesocket(system_socket(release()));
}

std::size_t unread_bytes(NativeSocket socket) {
  u_long count = 0;
  return ::ioctlsocket(system_socket(socket), static_cast<long>(FIONREAD), &count) == 0 ? count : 0;
}

IoResult receive_some(NativeSocket socket, std::span<char> buffer) {
  const int count = ::recv(system_socket(socket), buffer.data(), length_of(buffer.size()), 0);
  if (count > 0) return {IoResult::Status::ok, static_cast<std::size_t>(count), 0};
  if (count == 0) return {IoResult::Status::eof, 0, 0};
  return failure(last_socket_error());
}

IoResult send_some(NativeSocket socket, std::string_view bytes) {
  const int count = ::send(system_socket(socket), bytes.data(), length_of(bytes.size()), 0);
  if (count >= 0) return {IoResult::Status::ok, static_cast<std::size_t>(count), 0};
  return failure(last_socket_error());
}

void shutdown_write(NativeSocket socket) { ::shutdown(system_socket(socket), SD_SEND); }

void reset_on_close(NativeSocket socket) {
  const linger now{1, 0};
  ::setsockopt(system_socket(socket), SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now),
               sizeof now);
}

void set_non_blocking(NativeSocket socket, bool on) {
  u_long value = on ? 1 : 0;
  ::ioctlsocket(system_socket(socket), static_cast<long>(FIONBIO), &value);
}

void set_no_delay(NativeSocket socket) {
  const BOOL on = TRUE;
  ::setsockopt(system_socket(socket), IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on),
               sizeof on);
}

// SO_REUSEADDR would let any process take the port over while we listen.
void claim_port(NativeSocket socket) {
  const BOOL on = TRUE;
  ::setsockopt(system_socket(socket), SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
               reinterpret_cast<const char*>(&on), sizeof on);
}

Socket duplicate(NativeSocket socket) {
  WSAPROTOCOL_INFOW info;
  if (::WSADuplicateSocketW(system_socket(socket), ::GetCurrentProcessId(), &info) != 0) return {};
  const SOCKET copy = ::WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                   &info, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  return copy == INVALID_SOCKET ? Socket() : Socket(static_cast<NativeSocket>(copy));
}

// By select: WSAPoll tells without end that the other side has ended its output, which would make a
// wait for anything else a busy one, and before Windows 10 2004 it does not tell of a connection
// that cannot be made.
Ready wait_ready(NativeSocket socket, bool readable, bool writable, Duration wait) {
  const int millis = poll_millis(wait);
  if (!readable && !writable) {
    ::Sleep(static_cast<DWORD>(millis));
    return Ready{};
  }
  fd_set input{1, {system_socket(socket)}}, output = input, failure = input;
  timeval limit{millis / 1000, millis % 1000 * 1000};
  const int count = ::select(0, readable ? &input : nullptr, writable ? &output : nullptr,
                             writable ? &failure : nullptr, &limit);
  if (count == 0) return {};
  if (count < 0) return {readable, writable};  // the next receive or send says why
  return {readable && input.fd_count != 0,
          writable && (output.fd_count != 0 || failure.fd_count != 0)};
}

// Only an abortive end is told apart from a clean one.
bool is_gone(NativeSocket socket) {
  char byte = 0;
  const int count = ::recv(system_socket(socket), &byte, 1, MSG_PEEK);
  return count < 0 && classify_io_error(last_socket_error()) == IoResult::Status::reset;
}

void wait_readable(std::span<const NativeSocket> sockets, Duration wait) {
  std::array<WSAPOLLFD, 64> entries{};
  std::size_t count = 0;
  for (const NativeSocket socket : sockets)
    entries[count++] = {system_socket(socket), POLLRDNORM, 0};
  ::WSAPoll(entries.data(), static_cast<ULONG>(count), poll_millis(wait));
}

}  // namespace asyncd
