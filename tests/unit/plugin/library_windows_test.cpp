// What is left among the temporary files by processes that have ended.
#include <gtest/gtest.h>
#include <windows.h>

#include "core/plugin/private_copy.h"
#include "core/text/path_text.h"
#include "library_support.h"

namespace asyncd::test {

namespace {

namespace fs = std::filesystem;

fs::path copy_folder(const std::string& rest) {
  return fs::temp_directory_path() /
         ("asyncd-handler-" + std::to_string(::GetCurrentProcessId()) + rest);
}

TEST(PrivateCopies, AFolderThatIsThereAlreadyIsNoWantOfRoom) {
  for (const char* const rest : {"-1", "-2"}) fs::create_directory(copy_folder(rest));
  const Result<std::optional<PrivateCopy>> copy =
      make_private_copy("bytes", "C:/handlers/square.dll");
  ASSERT_TRUE(copy) << copy.error().message;
  const fs::path folder = path_of((*copy)->path).parent_path();
  for (const char* const rest : {"-1", "-2"}) {
    EXPECT_NE(folder, copy_folder(rest));
    fs::remove_all(copy_folder(rest));
  }
  fs::remove_all(folder);
}

TEST(PrivateCopies, WhatAnEarlierProcessOfOurNumberHasLeftIsRemoved) {
  const fs::path left = copy_folder("-1");
  fs::create_directory(left);
  // Half of a letter: a name that has no text.
  const fs::path ill_formed = fs::temp_directory_path() / std::wstring(1, L'\xd800');
  std::error_code impossible;
  fs::create_directory(ill_formed, impossible);
  remove_left_copies();
  EXPECT_FALSE(fs::exists(left));
  fs::remove(ill_formed, impossible);
}

}  // namespace

}  // namespace asyncd::test
