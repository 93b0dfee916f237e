// What the loader does with a configuration: a library that has to have a digest, and one that is
// another than before.
#include "core/plugin/loader.h"

#include <gtest/gtest.h>

#include "core/security/sha256.h"
#include "core/text/path_text.h"
#include "library_support.h"

namespace asyncd::test {

namespace {

class Loading : public testing::Test {
 protected:
  Loading() {
    replace_file(path, library_bytes("versioned_1"));
    config.trust = Trust::any;
    config.handlers["versioned"].library = path_text(path);
  }

  Result<std::shared_ptr<Handler>> load(const Trial& trial = {}) const {
    const Loader loader(
        config, [](std::string_view) { return std::nullopt; }, {}, trial);
    return loader.load("versioned", config, {.where = "flag --handler"});
  }

  TemporaryFolder folder{scratch_folder()};
  std::filesystem::path path = std::filesystem::absolute(library_path(folder));
  Config config;
};

TEST_F(Loading, ALibraryHasTheDigestThatIsAskedFor) {
  config.handlers["versioned"].sha256 = sha256(library_bytes("versioned_1"));
  EXPECT_TRUE(load());
  replace_file(path, library_bytes("versioned_2"));
  config.handlers["versioned"].sha256_origin = {.where = "x.toml:7:10",
                                                .excerpt = "    7 | here\n      | ^"};
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ExitCode::handler_rejected);
  EXPECT_EQ(refused.error().message,
            "x.toml:7:10: cannot load the handler " + path_text(path) +
                ": it has not the SHA-256 that is wanted\n    7 | here\n      | ^\nwanted: " +
                sha256(library_bytes("versioned_1")) +
                "\nfound:  " + sha256(library_bytes("versioned_2")));
}

TEST_F(Loading, AHandlerTellsByItsLibraryWhetherTheFileIsAnother) {
  const auto first = load();
  ASSERT_TRUE(first);
  const auto same = load();
  ASSERT_TRUE(same);
  EXPECT_EQ((*first)->description().library, (*same)->description().library);
  EXPECT_EQ((*first)->description().path, path_text(path));
  replace_file(path, library_bytes("versioned_2"));
  const auto second = load();
  ASSERT_TRUE(second);
  EXPECT_NE((*first)->description().library->digest(), (*second)->description().library->digest());
  EXPECT_EQ((*first)->description().version, "version 0001");
  EXPECT_EQ((*second)->description().version, "version 0002");
}

TEST_F(Loading, WhatDoesNotSurviveItsTrialIsNotLoaded) {
  const std::string bytes = library_bytes("versioned_1") + "and an end of its own";
  replace_file(path, bytes);
  const auto refused = load([](const LibraryFile&) {
    return Error{ExitCode::handler_rejected, "it is a bomb"};
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ExitCode::handler_rejected);
  EXPECT_EQ(refused.error().message,
            "flag --handler: cannot load the handler " + path_text(path) + ": it is a bomb");
  int trials = 0;
  const Trial count = [&](const LibraryFile& file) {
    EXPECT_EQ(file.digest, sha256(bytes));
    ++trials;
    return Result<void>();
  };
  EXPECT_TRUE(load(count));
  EXPECT_TRUE(load(count));
  EXPECT_EQ(trials, 1) << "what is loaded needs no other trial";
}

}  // namespace

}  // namespace asyncd::test
