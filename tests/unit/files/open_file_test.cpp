// A file that stays the one that was opened, whatever becomes of its name.
#include "core/files/open_file.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

class OpenFiles : public testing::Test {
 protected:
  TemporaryFolder folder;
  fs::path path = folder / "file";
};

TEST_F(OpenFiles, AreReadUpToABound) {
  const std::string long_text(200'000, 'x');
  test::write_file(path, long_text);
  EXPECT_EQ(*OpenFile::open(path)->read(1 << 20), long_text);
  EXPECT_EQ(OpenFile::open(path)->read(100)->size(), 100u);
  EXPECT_EQ(OpenFile::open(path)->size(), long_text.size());
}

TEST_F(OpenFiles, SayWhyTheyCannotBeOpened) {
  EXPECT_EQ(OpenFile::open(path).error().code, ExitCode::not_found);
  EXPECT_EQ(OpenFile::open(folder / "no" / "file").error().code, ExitCode::not_found);
  EXPECT_FALSE(OpenFile::open(folder.path())) << "a folder";
}

TEST_F(OpenFiles, CanBeMoved) {
  test::write_file(path, "bytes");
  Result<OpenFile> first = OpenFile::open(path);
  OpenFile second(std::move(*first));
  EXPECT_EQ(*second.read(10), "bytes");
}

}  // namespace

}  // namespace asyncd
