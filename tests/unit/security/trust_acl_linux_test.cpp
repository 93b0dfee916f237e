// What the kernel's bytes of an access control list say, and those of a real file where its disk
// has such lists.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/security/trust_posix.h"
#include "tests/support/temporary_folder.h"

namespace asyncd {

namespace {

constexpr unsigned no_user = 0xFFFFFFFF;

std::string number(unsigned value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8) text += static_cast<char>(value & 0xFF);
  return text;
}

std::string entry(unsigned tag, unsigned rights, unsigned id = no_user) {
  return number(tag, 2) + number(rights, 2) + number(id, 4);
}

const std::string version = number(2, 4), owner = entry(0x01, 6);

TEST(AclWriters, AreThoseWhomTheMaskLeavesTheRight) {
  const std::string list = version + owner + entry(0x02, 6, 7) + entry(0x02, 4, 8) +
                           entry(0x04, 6) + entry(0x08, 7, 9) + entry(0x08, 5, 10);
  const std::optional<AclWriters> writers = acl_writers(list + entry(0x10, 7) + entry(0x20, 4));
  ASSERT_TRUE(writers);
  EXPECT_EQ(writers->users, std::vector<uid_t>{7});
  EXPECT_EQ(writers->groups, std::vector<gid_t>{9});
  EXPECT_TRUE(writers->group_of_file);
  EXPECT_FALSE(writers->others);
  const std::optional<AclWriters> masked = acl_writers(list + entry(0x10, 5) + entry(0x20, 6));
  ASSERT_TRUE(masked);
  EXPECT_TRUE(masked->users.empty());
  EXPECT_TRUE(masked->groups.empty());
  EXPECT_FALSE(masked->group_of_file);
  EXPECT_TRUE(masked->others);
}

TEST(AclWriters, OtherBytesAreNoList) {
  EXPECT_FALSE(acl_writers(""));
  EXPECT_FALSE(acl_writers(number(1, 4) + owner));
  EXPECT_TRUE(acl_writers(version + owner.substr(3)));
}

TEST(AclWriters, AreReadOfAFile) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "file";
  test::write_file(path, "x");
  EXPECT_FALSE(acl_of(path));
  const std::string list =
      version + owner + entry(0x02, 6, 4002) + entry(0x04, 4) + entry(0x10, 6) + entry(0x20, 4);
  if (::setxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) != 0)
    GTEST_SKIP() << "no access control lists on this disk";
  ASSERT_TRUE(acl_of(path));
  EXPECT_EQ(acl_of(path)->users, std::vector<uid_t>{4002});
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(acl_of(descriptor)->users, std::vector<uid_t>{4002});
  ::close(descriptor);
}

}  // namespace

}  // namespace asyncd
