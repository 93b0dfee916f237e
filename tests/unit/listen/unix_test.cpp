// Unix sockets where the system has them: their files come and go, and one in the way is told from
// one that is left.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "core/text/path_text.h"
#include "tests/support/listen_on.h"

namespace asyncd::test {

namespace {

namespace fs = std::filesystem;

class UnixSocket : public testing::Test {
 protected:
  void SetUp() override {
    // Short, as the system wants it, and this run's alone.
    folder = fs::temp_directory_path() / ("asyncd-" + std::to_string(std::random_device()()));
    ASSERT_TRUE(fs::create_directory(folder));
    const Result<ListenSocket> probe = open("probe");
    if (!probe && probe.error().message.find("no sockets of that kind") != std::string::npos)
      GTEST_SKIP() << probe.error().message;
    ASSERT_TRUE(probe) << probe.error().message;
  }
  void TearDown() override { fs::remove_all(folder); }

  Result<ListenSocket> open(const std::string& name) const {
    return listen_on({.kind = Address::Kind::unix_socket, .path = path_text(folder / name)});
  }
  // Whether anything is there, a socket that the library's own functions do not know included.
  bool exists(const std::string& name) const {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.path().filename() == name) return true;
    return false;
  }

  fs::path folder;
};

TEST_F(UnixSocket, ItsFileComesAndGoes) {
  {
    const Result<ListenSocket> listening = open("socket");
    ASSERT_TRUE(listening) << listening.error().message;
    EXPECT_EQ(listening->name(), "unix:" + path_text(folder / "socket"));
    EXPECT_TRUE(exists("socket"));
  }
  EXPECT_FALSE(exists("socket"));
}

TEST_F(UnixSocket, OneThatIsServedIsNotTakenOver) {
  const Result<ListenSocket> first = open("socket");
  ASSERT_TRUE(first) << first.error().message;
  const Result<ListenSocket> second = open("socket");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::cannot_create);
  EXPECT_NE(second.error().message.find("another process listens there"), std::string::npos)
      << second.error().message;
  EXPECT_TRUE(exists("socket"));
}

TEST_F(UnixSocket, OneThatIsLeftFromALastRunIsReplaced) {
  {
    const Result<ListenSocket> listening = open("socket");
    ASSERT_TRUE(listening) << listening.error().message;
    fs::rename(folder / "socket", folder / "left");  // so that it is not removed
  }
  ASSERT_TRUE(exists("left"));
  const Result<ListenSocket> listening = open("left");
  EXPECT_TRUE(listening) << listening.error().message;
}

TEST_F(UnixSocket, AnotherFileIsLeftAlone) {
  std::ofstream(folder / "file") << "precious";
  const Result<ListenSocket> refused = open("file");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("is not a socket"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(fs::file_size(folder / "file"), 8U);
}

}  // namespace

}  // namespace asyncd::test
