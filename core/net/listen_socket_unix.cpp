// Unix sockets with a file leave it behind when their owner dies, and it stops the next bind. It is
// replaced only when it is a socket on which no program answers.
#include "core/net/listen_socket.h"
#include "core/net/sockaddr.h"

namespace asyncd {

Error refused_path(const ListenAddress& address, std::string_view cause) {
  return {ExitCode::cannot_create,
          "cannot listen on " + address.to_string() + ": " + std::string(cause)};
}

Result<ListenSocket> ListenSocket::bind_unix(const ListenAddress& address) {
  const std::optional<UnixTarget> target = unix_target(address.path);
  if (!target)
    return refused_path(address, "the path is longer than " +
                                     std::to_string(longest_unix_path(address.path)) +
                                     " bytes, the system's limit");
  const bool has_file = !is_abstract(address.path);
  std::shared_ptr<const void> held;
  if (has_file) {
    held = hold_folder_of(address.path);
    if (Result<void> cleared = clear_path(address, target->address); !cleared)
      return cleared.error();
  }
  Result<Socket> socket =
      bound_socket(address, reinterpret_cast<const sockaddr*>(&target->address), target->size, {});
  if (!socket) return socket.error();
  ListenSocket result(std::move(*socket), address, false);
  if (Result<void> listening = result.listen(); !listening) return listening.error();
  if (has_file) result.file_ = file_id(address.path);
  return result;
}

void ListenSocket::take_file(ListenSocket& other) {
  if (other.file_) file_ = std::exchange(other.file_, std::nullopt);
}

ListenSocket::~ListenSocket() { close(); }

void ListenSocket::close() {
  if (socket_ && file_ && file_id(address_.path) == file_) remove_socket_file(address_.path);
  socket_.close();
}

}  // namespace asyncd
