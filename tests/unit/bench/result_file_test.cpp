#include "cmd/bench/show/result_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/text/escape.h"
#include "core/text/path_text.h"
#include "tests/support/temporary_folder.h"

namespace asyncd::bench {

namespace {

class ResultFiles : public testing::Test {
 protected:
  std::string content() const {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "result";
  const std::string name_ = path_text(path_);
};

TEST_F(ResultFiles, KeepWhatIsInThemUntilThereIsMore) {
  std::ofstream(path_, std::ios::binary) << "of yesterday, and long";
  {
    ResultFile unused(name_);
    ASSERT_TRUE(unused.open());
  }
  EXPECT_EQ(content(), "of yesterday, and long");
  ResultFile file(name_);
  ASSERT_TRUE(file.open());
  ASSERT_TRUE(file.write("of today"));
  EXPECT_EQ(content(), "of today");
}

TEST_F(ResultFiles, AreNotLeftBehindEmpty) {
  {
    ResultFile file(name_);
    ASSERT_TRUE(file.open());
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ResultFiles, ThatCannotBeWrittenAreNamed) {
  const Result<void> opened = ResultFile(name_ + "/x.json").open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::cannot_create);
  EXPECT_TRUE(opened.error().message.starts_with("cannot write the result to '" +
                                                 text::printable(name_ + "/x.json") + "': "))
      << opened.error().message;
  ResultFile none("");
  EXPECT_TRUE(none.open());
  EXPECT_TRUE(none.write("to nowhere"));
}

}  // namespace

}  // namespace asyncd::bench
