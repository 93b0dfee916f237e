// Unix sockets are there since Windows 10 1803. Their files are reparse points of a kind of their own; one is replaced
// only when nobody answers on it.
#include "core/base/path_text.h"
#include "core/net/listen_socket.h"
#include "core/net/sockaddr.h"
// Needs what the line above brings.
#include <afunix.h>

namespace asyncd {

namespace {

constexpr DWORD socket_tag = 0x80000023;  // IO_REPARSE_TAG_AF_UNIX

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Error refused(const Address& address, std::string_view cause) {
  return {ExitCode::cannot_create, "cannot listen on " + address.to_string() + ": " + std::string(cause)};
}

// Makes room at the path, or says what is in the way.
Result<void> clear_path(const Address& address, const sockaddr_un& target) {
  const std::filesystem::path path = path_of(address.path);
  WIN32_FIND_DATAW found{};
  const HANDLE search = ::FindFirstFileW(path.c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) return {};
  ::FindClose(search);
  if ((found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 || found.dwReserved0 != socket_tag)
    return refused(address, "the path exists and is not a socket; remove it, or choose another");
  const Socket probe = stream_socket(AF_UNIX);
  if (!probe) return cannot_listen(address, last_socket_error());
  if (::connect(system_socket(probe.handle()), generic(target), sizeof target) == 0 ||
      ::WSAGetLastError() != WSAECONNREFUSED)
    return refused(address, "another process listens there: stop it, or choose another path");
  if (::DeleteFileW(path.c_str()) == 0)
    return refused(address, "the file of a socket that is no longer used cannot be removed");
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
  result.path_ = address.path;
  return result;
}

ListenSocket::~ListenSocket() {
  if (socket_ && !path_.empty()) ::DeleteFileW(path_of(path_).c_str());
}

}  // namespace asyncd
