// Unix sockets are there since Windows 10 1803. Their files are reparse points of a kind of their
// own.
#include "core/listen/socket_file.h"

#include "core/listen/listen_error.h"
#include "core/net/sockaddr.h"
#include "core/net/socket_creation.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

constexpr DWORD socket_tag = 0x80000023;  // IO_REPARSE_TAG_AF_UNIX

// Whether a socket that was told to connect, and does not block, was refused in the end.
bool refused_later(SOCKET socket) {
  fd_set failed;
  FD_ZERO(&failed);
  FD_SET(socket, &failed);
  timeval patience{1, 0};
  int error = 0;
  int size = sizeof error;
  return ::select(0, nullptr, nullptr, &failed, &patience) == 1 &&
         ::getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) == 0 &&
         error == WSAECONNREFUSED;
}

bool is_served(const Socket& probe, const sockaddr_un& target) {
  const SOCKET socket = system_socket(probe.handle());
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0)
    return true;
  const int error = ::WSAGetLastError();
  return error == WSAEWOULDBLOCK ? !refused_later(socket) : error != WSAECONNREFUSED;
}

}  // namespace

std::shared_ptr<const void> hold_folder_of(const std::string&) { return nullptr; }

Result<void> clear_path(const ListenAddress& address, const sockaddr_un& target) {
  const std::filesystem::path path = path_of(whole_unix_path(address.path));
  WIN32_FIND_DATAW found{};
  const HANDLE search = ::FindFirstFileW(path.c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) return {};
  ::FindClose(search);
  if ((found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 ||
      found.dwReserved0 != socket_tag)
    return refused_path(address,
                        "the path exists and is not a socket; remove it, or choose another");
  const Socket probe = stream_socket(AF_UNIX);
  if (!probe) return cannot_listen(address, last_socket_error());
  if (is_served(probe, target))
    return refused_path(address, "another process listens there: stop it, or choose another path");
  if (::DeleteFileW(path.c_str()) == 0)
    return refused_path(address, "the file of a socket that is no longer used cannot be removed");
  return {};
}

std::optional<FileId> file_id(const std::string& path) {
  const HANDLE file =
      ::CreateFileW(path_of(whole_unix_path(path)).c_str(), 0,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                    FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return std::nullopt;
  BY_HANDLE_FILE_INFORMATION info{};
  const bool known = ::GetFileInformationByHandle(file, &info) != 0;
  ::CloseHandle(file);
  if (!known) return std::nullopt;
  return FileId{info.dwVolumeSerialNumber,
                std::uint64_t{info.nFileIndexHigh} << 32 | info.nFileIndexLow};
}

void remove_socket_file(const std::string& path) {
  ::DeleteFileW(path_of(whole_unix_path(path)).c_str());
}

}  // namespace asyncd
