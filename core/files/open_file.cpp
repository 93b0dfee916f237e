#include "core/files/open_file.h"

#include <system_error>

namespace asyncd {

std::string_view other_kind(const std::filesystem::path& path) {
  using Type = std::filesystem::file_type;
  std::error_code unseen;
  switch (std::filesystem::status(path, unseen).type()) {
    case Type::directory:
      return "a folder";
    case Type::fifo:
      return "a FIFO";
    case Type::socket:
      return "a socket";
    case Type::block:
    case Type::character:
      return "a device";
    default:
      return "";
  }
}

Error not_a_file(std::string_view kind) {
  return {ExitCode::not_found, "it is " + std::string(kind) + ", not a file"};
}

}  // namespace asyncd
