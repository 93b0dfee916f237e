// The rules of check_trust, with the user as an argument, so that both roles can be tried without
// being them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/security/trust.h"

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

// A file, a folder or a link, as far as it matters who may alter it.
struct Standing {
  std::string path;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  // then the mode's bits for the group are only the most that it grants
  std::optional<AclWriters> acl = {};
  // on a file system that is mounted so: no user can write, whatever the mode says
  bool read_only = false;
};

struct Verdict {
  enum class Trusted { yes, doubtful, no };
  Trusted trusted = Trusted::yes;
  std::string why;  // and what to do
};

// What a process of the user `reader` is to think of it.
Verdict judge(const Standing& standing, uid_t reader);

Result<std::string> check_trust_as(uid_t reader, const OpenFile& file,
                                   const std::filesystem::path& path);

}  // namespace asyncd
