#include "library_support.h"

#include <gtest/gtest.h>

#include <array>

#include "core/plugin/system_loader.h"
#include "core/text/path_text.h"

namespace asyncd::test {

namespace {

Result<Plugin> load(const std::filesystem::path& path) {
  const Result<LibraryFile> file = read_library(path_text(path), Trust::any);
  if (!file) return file.error();
  return load_plugin(*file);
}

}  // namespace

std::filesystem::path scratch_folder() {
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  return std::string(VERSIONED_LIBRARIES "/of-tests/") + test.test_suite_name() + "." + test.name();
}

std::string library_bytes(const std::string& name) {
  const std::string bytes =
      read_file(VERSIONED_LIBRARIES "/" + name + std::string(library_suffix()));
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

std::filesystem::path library_path(const TemporaryFolder& folder) {
  return folder / ("library" + std::string(library_suffix()));
}

Plugin loaded_plugin(const std::filesystem::path& path) {
  Result<Plugin> plugin = load(path);
  if (plugin) return std::move(*plugin);
  ADD_FAILURE() << plugin.error().message;
  return {};
}

std::string refusal(const std::filesystem::path& path) {
  const Result<Plugin> plugin = load(path);
  return plugin ? "loaded" : plugin.error().message;
}

std::string answer_of(const Plugin& plugin) {
  if (plugin.handlers.empty()) return "nothing";
  std::array<char, 64> window{};
  asyncd_call call{};
  call.size = sizeof call;
  call.window = window.data();
  call.window_size = window.size();
  EXPECT_EQ(plugin.handlers.front().hooks.message(nullptr, &call), ASYNCD_REPLY);
  const std::string answer(window.data(), static_cast<std::size_t>(call.reply_size));
  EXPECT_EQ(answer, plugin.handlers.front().version);
  return answer;
}

}  // namespace asyncd::test
