// The access control lists of macOS are of another kind, which is not looked at: the mode bits
// decide.
#include "core/security/trust_acl_posix.h"

namespace asyncd {

std::optional<AclWriters> acl_writers(std::string_view) { return std::nullopt; }
std::optional<AclWriters> acl_of(int) { return std::nullopt; }
std::optional<AclWriters> acl_of(const std::filesystem::path&) { return std::nullopt; }

}  // namespace asyncd
