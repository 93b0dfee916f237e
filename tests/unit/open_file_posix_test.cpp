// What becomes of a file that is open while others go on with its name: elsewhere than on Windows, which forbids it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/open_file.h"
#include "tests/support/temporary_folder.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

class OpenFilesMeanwhile : public testing::Test {
 protected:
  OpenFilesMeanwhile() { test::write_file(path, "first"); }

  test::TemporaryFolder folder;
  fs::path path = folder / "file";
};

TEST_F(OpenFilesMeanwhile, AreWhatTheyWereWhenTheNameIsAnothers) {
  const Result<OpenFile> file = OpenFile::open_regular(path);
  EXPECT_TRUE(file->is_still_at(path));
  test::replace_file(path, "other");
  EXPECT_FALSE(file->is_still_at(path));
  EXPECT_TRUE(file->is_unchanged());
  EXPECT_EQ(*file->read(10), "first");
}

TEST_F(OpenFilesMeanwhile, TellThatTheyWereWrittenTo) {
  const Result<OpenFile> file = OpenFile::open_regular(path);
  const timespec back[] = {{0, 0}, {1'000'000'000, 0}};
  test::write_file(path, "again");
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), back, 0), 0);  // so that clocks have no say
  EXPECT_FALSE(file->is_unchanged());
  EXPECT_FALSE(file->is_still_at(path));
}

TEST_F(OpenFilesMeanwhile, NobodyIsWaitedForWhereAFileIsMeant) {
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(OpenFile::open_regular(pipe));
}

}  // namespace

}  // namespace asyncd
