// What access control lists add to the mode of a file, on systems that have a uid_t.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace asyncd {

// Whom an access control list lets write, beside the owner.
struct AclWriters {
  std::vector<uid_t> users;
  std::vector<gid_t> groups;
  bool group_of_file = false;
  bool others = false;
};

// From the bytes that the kernel has for it, or of a file; nothing: there is none, and the mode
// says all.
std::optional<AclWriters> acl_writers(std::string_view bytes);
std::optional<AclWriters> acl_of(int descriptor);
std::optional<AclWriters> acl_of(const std::filesystem::path& path);

}  // namespace asyncd
