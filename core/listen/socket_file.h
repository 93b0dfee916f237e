// The file of a unix socket. It stays behind when its owner dies, and then stops the next bind. It
// is replaced only when it is a socket on which no process answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/listen/listen_address.h"

struct sockaddr_un;

namespace asyncd {

// Which file a path means: it can come to mean another one.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  bool operator==(const FileId&) const = default;
};

// While it is held, other processes that hold the same folder wait, so that none comes between the
// check of a path and its bind. Null where the folder cannot be locked.
std::shared_ptr<const void> hold_folder_of(const std::string& path);
// Or says what is in the way.
Result<void> clear_path(const ListenAddress& address, const sockaddr_un& target);
// Without following a link.
std::optional<FileId> file_id(const std::string& path);
void remove_socket_file(const std::string& path);

}  // namespace asyncd
