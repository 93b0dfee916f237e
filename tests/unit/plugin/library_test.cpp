// What is loaded is what was read, a changed file beside the old one, and the same content once.
#include <gtest/gtest.h>

#include "core/security/sha256.h"
#include "core/text/path_text.h"
#include "library_support.h"

namespace asyncd::test {

namespace {

class Libraries : public testing::Test {
 protected:
  const Library* library_of(const Plugin& plugin) { return plugin.handlers.at(0).library.get(); }

  TemporaryFolder folder{scratch_folder()};
  std::filesystem::path path = library_path(folder);
};

TEST_F(Libraries, AChangedFileIsLoadedBesideTheOldOne) {
  replace_file(path, library_bytes("versioned_1"));
  const Plugin first = loaded_plugin(path);
  replace_file(path, library_bytes("versioned_2"));
  const Plugin second = loaded_plugin(path);
  EXPECT_EQ(answer_of(first), "version 0001");
  EXPECT_EQ(answer_of(second), "version 0002");
  EXPECT_EQ(library_of(first)->digest(), sha256(library_bytes("versioned_1")));
  EXPECT_EQ(library_of(second)->digest(), sha256(library_bytes("versioned_2")));
  EXPECT_EQ(second.handlers.at(0).path, path_text(path));
}

TEST_F(Libraries, TheSameContentIsLoadedOnce) {
  replace_file(path, library_bytes("versioned_1"));
  const Plugin first = loaded_plugin(path);
  replace_file(path, library_bytes("versioned_1"));
  const Plugin again = loaded_plugin(path);
  EXPECT_EQ(library_of(first), library_of(again));
}

TEST_F(Libraries, AContentThatComesBackIsTheCodeOfBefore) {
  replace_file(path, library_bytes("versioned_1"));
  const void* code = nullptr;
  {
    const Plugin first = loaded_plugin(path);
    code = library_of(first)->symbol("asyncd_plugin_v1");
  }
  replace_file(path, library_bytes("versioned_2"));
  EXPECT_EQ(answer_of(loaded_plugin(path)), "version 0002");
  replace_file(path, library_bytes("versioned_1"));
  const Plugin back = loaded_plugin(path);
  EXPECT_EQ(answer_of(back), "version 0001");
  EXPECT_EQ(library_of(back)->symbol("asyncd_plugin_v1"), code);
}

TEST_F(Libraries, WhatIsNoLibraryIsNamed) {
  EXPECT_EQ(read_library(path_text(path), Trust::any).error().code, ExitCode::not_found);
  std::filesystem::create_directory(path);
  EXPECT_EQ(
      read_library(path_text(path), Trust::any).error().message,
      "cannot load the handler " + path_text(path) + ": it is a folder; name a library in it");
  std::filesystem::remove(path);
  write_file(path, "text");
  EXPECT_NE(
      refusal(path).find("cannot load the handler " + path_text(path) + ": not a shared library"),
      std::string::npos)
      << refusal(path);
}

}  // namespace

}  // namespace asyncd::test
