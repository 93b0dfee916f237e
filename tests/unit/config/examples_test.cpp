// Every configuration that ships loads without a word.
#include <algorithm>

#include "support.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;
using ConfigExamples = ConfigTest;

std::vector<fs::path> shipped_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(EXAMPLE_CONFIGS))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST_F(ConfigExamples, AllLoad) {
  EXPECT_GE(shipped_files().size(), 7U);
  for (const fs::path& file : shipped_files()) {
    sources.config_file = file.string();
    const Result<Loaded> result = load();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->warnings.empty());
    for (const ListenerConfig& listener : result->config.listeners)
      EXPECT_NE(listener.handler, "") << file;
  }
}

}  // namespace
}  // namespace asyncd
