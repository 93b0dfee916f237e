// Every configuration that ships loads without a word.
#include <algorithm>
#include <fstream>

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

// "# key = value", unlike a sentence.
bool is_commented_setting(const std::string& line) {
  const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2);
  return line.starts_with("# ") && end != std::string::npos && end > 2 &&
         line.substr(end).starts_with(" = ");
}

// With the '#' taken away from before their keys, lines that are commented out show what holds
// without them.
std::string with_defaults_uncommented(const fs::path& path) {
  std::ifstream file(path);
  std::string text;
  for (std::string line; std::getline(file, line) && !line.starts_with("# [handler");) {
    const bool is_setting = line.starts_with("# [") || is_commented_setting(line);
    text += (is_setting ? line.substr(2) : line) + "\n";
  }
  return text;
}

TEST_F(ConfigExamples, TheDefaultFileTellsTheTruth) {
  sources.config_file = (fs::path(EXAMPLE_CONFIGS) / "asyncd.toml").string();
  const Result<Loaded> plain = load();
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->config.listeners[0].handler, "square");
  EXPECT_EQ(plain->config.listeners[0].backend, "proactor");

  write(with_defaults_uncommented(*sources.config_file), "uncommented.toml");
  sources.config_file = "uncommented.toml";
  const Result<Loaded> uncommented = load();
  ASSERT_TRUE(uncommented) << uncommented.error().message;
  std::size_t shown = 0;
  for (const EffectiveValue& value : plain->values) {
    const std::string now = effective_value(*uncommented, value.section, value.key);
    EXPECT_EQ(now.substr(0, now.find(" (")), value.text) << value.section << "." << value.key;
    if (value.origin == "default" && !now.ends_with("(default)")) ++shown;
  }
  EXPECT_EQ(shown, 20U) << "as many as the file has commented out";
}

}  // namespace
}  // namespace asyncd
