// POSIX access control lists, as the kernel keeps them: a version, then an entry after the other,
// all little-endian.
#include <sys/xattr.h>

#include <array>

#include "core/security/trust_acl_posix.h"

namespace asyncd {

namespace {

constexpr const char* attribute = "system.posix_acl_access";
constexpr std::size_t largest = 64 << 10;  // of any attribute
constexpr std::size_t version_bytes = 4, entry_bytes = 8;

enum Tag : unsigned { user = 0x02, group_of_file = 0x04, group = 0x08, mask = 0x10, other = 0x20 };
constexpr unsigned may_write = 2;

unsigned number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  unsigned number = 0;
  for (std::size_t i = size; i > 0; --i)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return number;
}

template <class Read>
std::optional<AclWriters> list_of(Read read) {
  std::string bytes(largest, '\0');
  const ssize_t size = read(bytes.data(), bytes.size());
  if (size < 0) return std::nullopt;
  return acl_writers(std::string_view(bytes).substr(0, static_cast<std::size_t>(size)));
}

}  // namespace

std::optional<AclWriters> acl_writers(std::string_view bytes) {
  if (bytes.size() < version_bytes || number_at(bytes, 0, 4) != 2) return std::nullopt;
  const auto each_entry = [&](auto take) {
    for (std::size_t at = version_bytes; at + entry_bytes <= bytes.size(); at += entry_bytes)
      take(number_at(bytes, at, 2), number_at(bytes, at + 2, 2), number_at(bytes, at + 4, 4));
  };
  // What the mask leaves out is not granted to any but the owner and the others.
  unsigned granted = may_write;
  each_entry([&](unsigned tag, unsigned rights, unsigned) {
    if (tag == Tag::mask) granted = rights & may_write;
  });
  AclWriters writers;
  each_entry([&](unsigned tag, unsigned rights, unsigned id) {
    if (tag == Tag::other) writers.others = (rights & may_write) != 0;
    if ((rights & granted) == 0) return;
    if (tag == Tag::user) writers.users.push_back(id);
    if (tag == Tag::group) writers.groups.push_back(id);
    if (tag == Tag::group_of_file) writers.group_of_file = true;
  });
  return writers;
}

std::optional<AclWriters> acl_of(int descriptor) {
  return list_of(
      [&](char* room, std::size_t size) { return ::fgetxattr(descriptor, attribute, room, size); });
}

std::optional<AclWriters> acl_of(const std::filesystem::path& path) {
  return list_of([&](char* room, std::size_t size) {
    return ::getxattr(path.c_str(), attribute, room, size);
  });
}

}  // namespace asyncd
