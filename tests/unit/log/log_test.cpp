// The log as a whole, through files: nothing is lost or written twice, whatever is changed under
// it.
#include "core/log/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

using namespace asyncd;

namespace {

constexpr Duration patience = std::chrono::minutes(1);

class Log : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("asyncd-log-" + std::string(test->name()) +
               std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override {
    log::stop(patience);
    std::filesystem::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::vector<std::string> lines(const std::string& name) const {
    std::ifstream file(path(name));
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      all.push_back(line);
    }
    return all;
  }

  // What follows the time and the level.
  std::vector<std::string> messages(const std::string& name) const {
    std::vector<std::string> all = lines(name);
    for (std::string& line : all)
      line.erase(0, std::string_view("2026-01-02T12:00:00.000000Z info  ").size());
    return all;
  }

  std::filesystem::path folder_;
};

using Messages = std::vector<std::string>;

TEST_F(Log, GoesToAFileAndIsAppended) {
  for (const char* message : {"one", "two"}) {
    ASSERT_TRUE(log::start({.file = path("log")}));
    log::info("test", message);
    EXPECT_TRUE(log::stop(patience));
    log::info("test", "the log has ended");
  }
  EXPECT_EQ(messages("log"), Messages({"one", "two"}));
}

TEST_F(Log, IsOpenedAgainUnderItsName) {
  ASSERT_TRUE(log::start({.file = path("log")}));
  log::info("test", "one");
  log::flush(patience);
  std::filesystem::rename(path("log"), path("log.1"));
  log::info("test", "two");
  log::flush(patience);
  ASSERT_TRUE(log::reopen());
  log::info("test", "three");
  log::flush(patience);
  EXPECT_EQ(messages("log.1"), Messages({"one", "two"}));
  ASSERT_EQ(messages("log").size(), 2U);
  EXPECT_TRUE(messages("log")[0].starts_with("the log was opened again file="));
  EXPECT_EQ(messages("log")[1], "three");
}

TEST_F(Log, StaysWhereItIsWhenItCannotBeOpenedAgain) {
  std::filesystem::create_directory(folder_ / "sub");
  ASSERT_TRUE(log::start({.level = log::Level::warn, .file = path("sub/log")}));
  std::filesystem::rename(path("sub"), path("moved"));
  const Result<void> reopened = log::reopen();
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().code, ExitCode::cannot_create);
  EXPECT_EQ(reopened.error().message, "cannot write the log to '" + path("sub/log") +
                                          "': there is no folder '" + path("sub") + "'");
  log::warn("test", "still here");
  ASSERT_FALSE(
      log::configure({.level = log::Level::trace, .json = true, .file = path("sub/other")}));
  EXPECT_FALSE(log::enabled(log::Level::info)) << "nothing has changed";
  log::warn("test", "as before");
  EXPECT_TRUE(log::stop(patience));
  EXPECT_EQ(messages("moved/log"), Messages({"still here", "as before"}));
}

TEST_F(Log, ChangesAllItsOptionsWhileItRuns) {
  ASSERT_TRUE(log::start({.file = path("log")}));
  log::debug("test", "too fine");
  log::info("test", "one");
  log::flush(patience);
  ASSERT_TRUE(log::configure({.level = log::Level::debug, .json = true, .file = path("other")}));
  log::debug("test", "two");
  log::flush(patience);
  ASSERT_TRUE(log::configure({.level = log::Level::error, .color = true, .file = path("other")}));
  log::warn("test", "too unimportant");
  log::error("test", "three");
  EXPECT_TRUE(log::stop(patience));
  EXPECT_EQ(messages("log"), Messages({"one"}));
  ASSERT_EQ(lines("other").size(), 2U);
  EXPECT_TRUE(lines("other")[0].ends_with(R"("level":"debug","msg":"two","event":"test"})"));
  EXPECT_TRUE(lines("other")[1].ends_with(" \x1b[31merror\x1b[0m three"));
}

TEST_F(Log, LosesNothingWhileManyWriteAndItsFileMoves) {
  constexpr int writers = 4, lines_of_each = 1500, moves = 40;
  ASSERT_TRUE(log::start({.file = path("log")}));
  {
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
      threads.emplace_back([writer] {
        for (int i = 0; i < lines_of_each; ++i)
          log::info("test", std::to_string(writer * lines_of_each + i));
      });
    for (int move = 0; move < moves; ++move) {
      std::filesystem::rename(path("log"), path("log." + std::to_string(move)));
      EXPECT_TRUE(log::reopen());
    }
    for (std::thread& thread : threads) thread.join();
  }
  log::flush(patience);
  EXPECT_EQ(log::dropped(), 0U);
  EXPECT_TRUE(log::stop(patience));
  std::map<std::string, int> found;
  for (int move = 0; move < moves; ++move)
    for (const std::string& message : messages("log." + std::to_string(move))) ++found[message];
  for (const std::string& message : messages("log")) ++found[message];
  EXPECT_EQ(std::erase_if(found,
                          [](const auto& line) {
                            return line.first.starts_with("the log was opened again");
                          }),
            1U);
  ASSERT_EQ(found.size(), static_cast<std::size_t>(writers * lines_of_each));
  for (const auto& [message, count] : found) EXPECT_EQ(count, 1) << message;
}

TEST_F(Log, AFileIsTriedWithoutMakingOne) {
  EXPECT_TRUE(log::check_file(""));
  EXPECT_TRUE(log::check_file(path("log")));
  EXPECT_FALSE(std::filesystem::exists(path("log")));
  std::ofstream(path("log")) << "old\n";
  EXPECT_TRUE(log::check_file(path("log")));
  EXPECT_EQ(lines("log"), Messages({"old"}));
  for (const std::string& bad : {path("gone/log"), path("log/log"), folder_.string()}) {
    const Result<void> checked = log::check_file(bad);
    const Result<void> started = log::start({.file = bad});
    ASSERT_FALSE(checked) << bad;
    ASSERT_FALSE(started) << bad;
    EXPECT_EQ(checked.error().message, started.error().message);
    EXPECT_EQ(checked.error().code, started.error().code);
  }
}

}  // namespace
