// What becomes of a file that is open while others go on with its name: elsewhere than on Windows,
// which forbids it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "core/files/open_file.h"
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
  Result<OpenFile> file = OpenFile::open(path);
  EXPECT_TRUE(file->is_still_at(path));
  test::replace_file(path, "other");
  EXPECT_FALSE(file->is_still_at(path));
  EXPECT_TRUE(file->is_unchanged());
  EXPECT_EQ(*file->read(10), "first");
}

TEST_F(OpenFilesMeanwhile, TellThatTheyWereWrittenTo) {
  Result<OpenFile> file = OpenFile::open(path);
  const timespec back[] = {{0, 0}, {1'000'000'000, 0}};
  test::write_file(path, "again");
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), back, 0), 0);  // so that clocks have no say
  EXPECT_FALSE(file->is_unchanged());
  EXPECT_FALSE(file->is_still_at(path));
}

TEST_F(OpenFilesMeanwhile, OtherThingsAreRefusedAtOnceAndNamed) {
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto open : {OpenFile::open, OpenFile::open_source}) {
    EXPECT_EQ(open(pipe).error().message, "it is a FIFO, not a file");
    EXPECT_EQ(open(pipe).error().code, ExitCode::not_found);
    EXPECT_EQ(open(folder.path()).error().message, "it is a folder, not a file");
    EXPECT_EQ(open("/dev/zero").error().message, "it is a device, not a file");
  }
  EXPECT_FALSE(OpenFile::open("/dev/null"));
  EXPECT_EQ(*OpenFile::open_source("/dev/null")->read(10), "");
}

// Both ends of a pipe.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  ~Pipe() {
    for (const int end : ends) ::close(end);
  }
  fs::path name(int end) const { return "/dev/fd/" + std::to_string(ends[end]); }

  int ends[2] = {-1, -1};
};

TEST_F(OpenFilesMeanwhile, APipeThatIsOpenIsReadAndWaitedForWithABound) {
  const Pipe pipe;
  ASSERT_EQ(::write(pipe.ends[1], "some", 4), 4);
  Result<OpenFile> file = OpenFile::open_source(pipe.name(0));
  EXPECT_FALSE(file->is_regular());
  EXPECT_EQ(*file->read(4), "some");
  const Result<std::string> none = file->read(4, std::chrono::milliseconds(10));
  EXPECT_EQ(none.error().message, "it has not come to its end within 10ms");
  EXPECT_FALSE(OpenFile::open_source("/dev/fd/987654"));
}

TEST_F(OpenFilesMeanwhile, AFileThatIsOpenIsReadFromItsBeginningEachTime) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < 2; ++i) {
    Result<OpenFile> file = OpenFile::open_source("/dev/fd/" + std::to_string(descriptor));
    EXPECT_TRUE(file->is_regular());
    EXPECT_EQ(*file->read(3), "fir");
    EXPECT_EQ(*file->read(3), "st");
  }
  ::close(descriptor);
}

}  // namespace

}  // namespace asyncd
