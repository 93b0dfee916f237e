// What happens to the log where it cannot be written, or is not read: lines are lost, and
// counted exactly.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <regex>
#include <string>

#include "core/log/log.h"

using namespace asyncd;

namespace {

constexpr Duration long_enough = std::chrono::minutes(1);

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class LogTrouble : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/asyncd-log-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    log::stop(long_enough);
    for (const char* name : {"/pipe", "/log", "/old"}) ::unlink((folder_ + name).c_str());
    ::rmdir(folder_.c_str());
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  bool matches(const std::string& name, const std::string& pattern) const {
    return std::regex_search(text_of(path(name)), std::regex(pattern));
  }

  // Makes a pipe that a log can have as its file.
  int reader() const {
    EXPECT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    return ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  }

  std::string folder_;
};

std::size_t count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<std::size_t>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

// The sum of what the log says it has lost.
std::uint64_t lost_as_told(const std::string& text) {
  const std::regex told("log lines were dropped count=(\\d+)");
  return std::accumulate(
      std::sregex_iterator(text.begin(), text.end(), told), {}, std::uint64_t{0},
      [](std::uint64_t sum, const std::smatch& match) { return sum + std::stoull(match[1]); });
}

TEST_F(LogTrouble, AFullDiskCostsLinesWhichAreTold) {
  ASSERT_TRUE(log::start({.file = "/dev/full"}));
  for (int i = 0; i < 100; ++i) log::info("test", "a line");
  log::flush(long_enough);
  EXPECT_EQ(log::dropped(), 100U);
  ASSERT_TRUE(log::configure({.file = path("log")}));
  log::info("test", "room again");
  log::flush(long_enough);
  EXPECT_TRUE(
      matches("log",
              "^\\S+ warn  log lines were dropped count=100 err=\"No space left on device\"\n"
              "\\S+ info  room again\n$"))
      << text_of(path("log"));
}

TEST_F(LogTrouble, WhatWasLostIsToldOnceASecondAndAtTheEnd) {
  ASSERT_TRUE(log::start({.file = "/dev/full"}));
  for (int lines = 1; lines <= 3; ++lines) {
    for (int i = 0; i < lines; ++i) log::info("test", "a line");
    log::flush(long_enough);
    ASSERT_TRUE(log::configure({.file = path("log")}));
    log::info("test", "room again");
    log::flush(long_enough);
    ASSERT_TRUE(log::configure({.file = "/dev/full"}));
  }
  ASSERT_TRUE(log::configure({.file = path("log")}));
  EXPECT_TRUE(log::stop(long_enough));
  EXPECT_EQ(lost_as_told(text_of(path("log"))), 6U) << text_of(path("log"));
}

// A disk that is full after so many bytes, for as long as it lives.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

constexpr const char* cut_off = "^\\S+ info  short\n\\S+ info  x{1,999}$";
constexpr const char* finished =
    "^\\S+ info  short\n\\S+ info  x{1000}\n\\S+ warn  log lines were dropped count=2 err=\"File "
    "too "
    "large\"\n\\S+ info  room again\n$";

TEST_F(LogTrouble, ALineThatIsCutOffIsFinishedWhenThereIsRoom) {
  ASSERT_TRUE(log::start({.file = path("log")}));
  {
    const SmallDisk disk(300);
    log::info("test", "short");
    log::info("test", std::string(1000, 'x'));
    log::info("test", "lost");
    log::flush(long_enough);
    EXPECT_TRUE(matches("log", cut_off)) << text_of(path("log"));
    EXPECT_EQ(log::dropped(), 1U);
    ASSERT_TRUE(log::reopen())
        << "which changes nothing: it is the same file, and cannot even take a line on that";
    log::flush(long_enough);
  }
  log::info("test", "room again");
  log::flush(long_enough);
  EXPECT_TRUE(matches("log", finished)) << text_of(path("log"));
}

TEST_F(LogTrouble, ALineThatIsCutOffForGoodIsLost) {
  ASSERT_TRUE(log::start({.file = path("log")}));
  const SmallDisk disk(300);
  log::info("test", "short");
  log::info("test", std::string(1000, 'x'));
  log::flush(long_enough);
  EXPECT_EQ(log::dropped(), 0U) << "there still is hope";
  ASSERT_EQ(::rename(path("log").c_str(), path("old").c_str()), 0);
  ASSERT_TRUE(log::reopen());
  log::info("test", "new");
  log::flush(long_enough);
  EXPECT_EQ(log::dropped(), 1U);
  EXPECT_TRUE(matches("old", cut_off)) << text_of(path("old"));
  EXPECT_TRUE(matches("log", "^\\S+ warn  log lines were dropped count=1 err=\"File too large\"\n"))
      << text_of(path("log"));
}

TEST_F(LogTrouble, APipeWithoutReaderCostsLinesUntilThereIsOne) {
  int in = reader();
  ASSERT_TRUE(log::start({.file = path("pipe")}));
  ::close(in);
  ::signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 3; ++i) log::info("test", "not read");
  log::flush(long_enough);
  EXPECT_EQ(log::dropped(), 3U);
  in = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  log::info("test", "read");
  EXPECT_TRUE(log::stop(long_enough));
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(in, text.data(), text.size()))));
  ::close(in);
  EXPECT_EQ(lost_as_told(text), 3U) << text;
  EXPECT_EQ(count(text, "info  read\n"), 1U) << text;
  EXPECT_FALSE(log::start({.file = path("pipe")})) << "which would wait for a reader";
}

TEST_F(LogTrouble, AReaderThatDoesNotReadCostsTheOldestLines) {
  constexpr int lines = 30'000;
  const int in = reader();
  ASSERT_TRUE(log::start({.file = path("pipe")}));
  for (int i = 0; i < lines; ++i) log::info("test", "line " + std::to_string(i));
  EXPECT_GT(log::dropped(), 0U);
  EXPECT_LT(log::dropped(), static_cast<std::uint64_t>(lines));
  EXPECT_FALSE(log::stop(std::chrono::milliseconds(1))) << "its thread waits for the reader";
  ::fcntl(in, F_SETFL, 0);
  std::string text;
  std::string chunk(65536, '\0');
  while (const ssize_t size = ::read(in, chunk.data(), chunk.size())) {
    ASSERT_GT(size, 0);
    text.append(chunk, 0, static_cast<std::size_t>(size));
  }
  ::close(in);
  EXPECT_EQ(count(text, "line \\d+\n") + lost_as_told(text), static_cast<std::size_t>(lines));
  EXPECT_NE(text.find("line " + std::to_string(lines - 1) + "\n"), std::string::npos)
      << "the newest are kept";
}

TEST_F(LogTrouble, IsNotInheritedByChildren) {
  ASSERT_TRUE(log::start({.file = path("log")}));
  log::flush(long_enough);
  int found = 0;
  for (int fd = 3; fd < 64; ++fd) {
    std::error_code none;
    if (std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none) != path("log"))
      continue;
    ++found;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(found, 1);
}

}  // namespace
