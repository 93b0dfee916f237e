// FileId: which file a path meant, so that only a file of our own is removed.
#pragma once

#include <cstdint>

namespace asyncd {

struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  bool operator==(const FileId&) const = default;
};

}  // namespace asyncd
