// What Linux allows: a file that is overwritten while it is read, loaded or run; many versions; and
// what keeps a library from having two.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "core/plugin/image.h"
#include "core/plugin/private_copy.h"
#include "core/text/path_text.h"
#include "library_support.h"

namespace asyncd::test {

namespace {

namespace fs = std::filesystem;

// The bytes of versioned_1 with another number in them: "version 0042".
std::string version(unsigned number) {
  std::string bytes = library_bytes("versioned_1");
  const std::string digits = std::to_string(10'000 + number).substr(1);
  bytes.replace(bytes.find("version 0001"), 12, "version " + digits);
  return bytes;
}

std::size_t open_descriptors() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class LibrariesOnLinux : public testing::Test {
 protected:
  TemporaryFolder folder{scratch_folder()};
  fs::path path = library_path(folder);
};

TEST_F(LibrariesOnLinux, WhatWasReadIsLoadedWhateverBecomesOfTheFile) {
  write_file(path, version(11));
  const Result<LibraryFile> file = read_library(path_text(path), Trust::any);
  ASSERT_TRUE(file) << file.error().message;
  write_file(path, version(12));
  const Result<Plugin> plugin = load_plugin(*file);
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_EQ(answer_of(*plugin), "version 0011");
  EXPECT_EQ(answer_of(loaded_plugin(path)), "version 0012");
}

TEST_F(LibrariesOnLinux, AFileThatIsOverwrittenLeavesTheCodeAlone) {
  write_file(path, version(13));
  const Plugin plugin = loaded_plugin(path);
  write_file(path, "");
  EXPECT_EQ(answer_of(plugin), "version 0013");
}

TEST_F(LibrariesOnLinux, TwoHundredVersionsLeaveNoDescriptorBehind) {
  const std::size_t before = open_descriptors();
  Plugin plugin;
  for (unsigned number = 100; number < 300; ++number) {
    replace_file(path, version(number));
    plugin = loaded_plugin(path);
    ASSERT_EQ(answer_of(plugin), "version 0" + std::to_string(number));
    ASSERT_EQ(open_descriptors(), before + 1) << "a debugger opens the code by it";
  }
  plugin = {};
  EXPECT_EQ(open_descriptors(), before);
}

// The loader reads while another thread puts one version after the other into its place: what it
// loads is what it has the digest of.
TEST_F(LibrariesOnLinux, AFileThatIsSwappedWhileItIsLoadedIsOneOrTheOther) {
  constexpr unsigned rounds = 150;
  std::atomic<bool> done{false};
  replace_file(path, version(1000));
  std::thread swapper([&] {
    for (unsigned number = 1001; !done && number < 9000; ++number) {
      const fs::path next = folder / "next";
      write_file(next, version(number));
      fs::rename(next, path);
    }
  });
  for (unsigned round = 0; round < rounds; ++round) {
    const Result<LibraryFile> file = read_library(path_text(path), Trust::any);
    if (!file) {
      ADD_FAILURE() << file.error().message;
      break;
    }
    const std::string meant = file->bytes.substr(file->bytes.find("version "), 12);
    const Result<Plugin> plugin = load_plugin(*file);
    EXPECT_TRUE(plugin && answer_of(*plugin) == meant) << meant;
  }
  done = true;
  swapper.join();
}

TEST_F(LibrariesOnLinux, OneThatNeedsItsNeighboursTakesARestart) {
  fs::copy(VERSIONED_LIBRARIES "/libneighbour.so", folder / "libneighbour.so");
  EXPECT_FALSE(may_be_copied(library_bytes("tied_1")));
  EXPECT_TRUE(may_be_copied(library_bytes("versioned_1")));
  replace_file(path, library_bytes("tied_1"));
  const Plugin first = loaded_plugin(path);
  EXPECT_EQ(answer_of(first), "version 0001");
  EXPECT_EQ(first.handlers.at(0).library, loaded_plugin(path).handlers.at(0).library);
  replace_file(path, library_bytes("tied_2"));
  EXPECT_EQ(refusal(path),
            "cannot load the handler " + path_text(path) +
                ": it has changed since asyncd loaded it, and only a restart can load it again: it "
                "needs libraries of its own folder, which a copy would not find");
  replace_file(path, version(14));
  EXPECT_EQ(answer_of(loaded_plugin(path)), "version 0014") << "one that needs none";
  EXPECT_EQ(answer_of(first), "version 0001");
}

TEST_F(LibrariesOnLinux, OneThatIsReplacedBeforeItIsLoadedFromItsPlaceIsRefused) {
  fs::copy(VERSIONED_LIBRARIES "/libneighbour.so", folder / "libneighbour.so");
  replace_file(path, library_bytes("tied_1"));
  const Result<LibraryFile> file = read_library(path_text(path), Trust::any);
  ASSERT_TRUE(file);
  replace_file(path, library_bytes("tied_2"));
  const Result<Plugin> plugin = load_plugin(*file);
  ASSERT_FALSE(plugin);
  EXPECT_NE(plugin.error().message.find("it was replaced while it was being loaded; restart"),
            std::string::npos)
      << plugin.error().message;
}

TEST_F(LibrariesOnLinux, AUniqueSymbolIsToldAndWarnedOfWhereItIsShared) {
  EXPECT_EQ(unique_symbols(library_bytes("unique_1")), std::vector<std::string>{"only_one"});
  EXPECT_TRUE(unique_symbols(library_bytes("versioned_1")).empty());
  replace_file(path, library_bytes("unique_1"));
  const Plugin first = loaded_plugin(path);
  EXPECT_TRUE(first.warnings.empty());
  replace_file(path, library_bytes("unique_2"));
  const Plugin second = loaded_plugin(path);
  EXPECT_EQ(answer_of(second), "version 0002");
  ASSERT_EQ(second.warnings.size(), 1u);
  EXPECT_EQ(second.warnings.front(), "the handler " + path_text(path) +
                                         ": the version that is loaded already and this one share "
                                         "'only_one', a unique symbol; restart asyncd, "
                                         "and build the handler with -fno-gnu-unique");
  using Ask = int* (*)();
  const auto ask = [](const Plugin& plugin) {
    return reinterpret_cast<Ask>(
        const_cast<void*>(plugin.handlers.at(0).library->symbol("ask_only_one")))();
  };
  EXPECT_EQ(ask(first), ask(second)) << "they do share it";
}

TEST_F(LibrariesOnLinux, ACutOffFileIsToldAtEveryLength) {
  const std::string bytes = library_bytes("versioned_1");
  EXPECT_FALSE(is_cut_off(bytes));
  for (std::size_t size = 0; size < bytes.size(); size += 61) {
    const std::string_view part = std::string_view(bytes).substr(0, size);
    unique_symbols(part);
    EXPECT_TRUE(is_cut_off(part) || size > 1000) << size;
  }
}

}  // namespace

}  // namespace asyncd::test
