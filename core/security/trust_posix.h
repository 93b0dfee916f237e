// The rules of check_trust, with the user as an argument, so that both roles can be tried without
// being them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/security/trust.h"
#include "core/security/trust_acl_posix.h"

namespace asyncd {

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
