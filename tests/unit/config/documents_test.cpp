// The files that are made from the tables of settings, with the backends that there are, are what
// the tables make today. With ASYNCD_WRITE=1 in the environment it writes them.
#include "documents.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "backends/registry.h"
#include "support.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;

const Schema& schema_of_the_registry() {
  static const std::vector<BackendSchema> backends_with_options = [] {
    std::vector<BackendSchema> rows;
    for (const BackendEntry& entry : backends()) rows.push_back({entry.name, entry.settings()});
    return rows;
  }();
  static const Schema schema{backends_with_options, default_backend};
  return schema;
}

class ConfigDocuments : public ConfigTest {
 protected:
  ConfigDocuments() { schema = schema_of_the_registry(); }
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(ConfigDocuments, AreWhatTheTablesOfSettingsMake) {
  for (const Document& document : settings_documents(schema)) {
    const fs::path path = fs::path(SOURCE_FOLDER) / document.path;
    if (std::getenv("ASYNCD_WRITE") != nullptr)
      std::ofstream(path, std::ios::binary) << document.text;
    EXPECT_EQ(content_of(path), document.text)
        << document.path << " is not what the tables of settings make; this writes it:\n"
        << "    ASYNCD_WRITE=1 " << testing::internal::GetArgvs()[0]
        << " --gtest_filter=ConfigDocuments.*";
  }
}

// "# key = value", unlike a sentence.
bool is_commented_setting(const std::string& line) {
  const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2);
  return line.starts_with("# ") && end != std::string::npos && end > 2 &&
         line.substr(end).starts_with(" = ") && !line.substr(end).starts_with(" = ...");
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

TEST_F(ConfigDocuments, TheDefaultFileTellsTheTruth) {
  sources.config_file = (fs::path(SOURCE_FOLDER) / "conf" / "asyncd.toml").string();
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
  EXPECT_EQ(shown, 32U) << "as many as the file has commented out";
}

}  // namespace
}  // namespace asyncd
