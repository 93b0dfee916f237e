// What the tests of the configuration share: a schema, and a folder of their own with a file
// asyncd.toml in it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/config/find_file.h"
#include "core/config/load.h"

namespace asyncd {

const Schema& test_schema();

// Runs in an empty folder, so that messages call the file "asyncd.toml". The environment is a map.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest();
  ~ConfigTest() override;

  void write(const std::string& text, const std::string& name = "asyncd.toml");
  void set(const std::string& variable, const std::string& value);

  Result<Loaded> load();
  Result<Loaded> load(const std::string& text);
  Loaded loaded(const std::string& text);

  // The whole message; "accepted" where there is none. `code` is the exit code that it must have.
  std::string mistakes(const std::string& text, ExitCode code = ExitCode::config_invalid);
  std::string mistakes(ExitCode code);

  Sources sources;
  Schema schema = test_schema();

 private:
  std::map<std::string, std::string, std::less<>> environment_;
  std::filesystem::path before_, folder_;
};

// "/a:/b", or with what this system puts between the folders of a list.
inline std::string path_list(const std::string& first, const std::string& second) {
  return first + path_list_separator() + second;
}

// "text (origin)" of one row of the effective values.
std::string effective_value(const Loaded& loaded, std::string_view section, std::string_view key);

// A listener that is complete, to be put in front of what is tested.
inline const std::string complete_listener = "[[listener]]\nhandler = \"echo\"\n";

}  // namespace asyncd
