#include "support.h"

#include <array>
#include <atomic>
#include <chrono>
#include <fstream>

namespace asyncd {
namespace {

const std::array<Setting, 2> pool_settings{{{.key = "threads",
                                             .type = SettingType::count,
                                             .fallback = "64",
                                             .doc = "worker threads",
                                             .least = 1,
                                             .most = 4096},
                                            {.key = "queue",
                                             .type = SettingType::count,
                                             .fallback = "1024",
                                             .doc = "connections that wait",
                                             .least = 1}}};
const std::array<Setting, 2> thread_settings{{{.key = "max_threads",
                                               .type = SettingType::count,
                                               .fallback = "4096",
                                               .doc = "the most threads",
                                               .least = 1},
                                              {.key = "stack_size",
                                               .type = SettingType::size,
                                               .fallback = "256KiB",
                                               .doc = "of each thread",
                                               .least = 16384}}};

const std::array<BackendSchema, 5> test_backends{{{"blocking", {}},
                                                  {"thread-per-connection", thread_settings},
                                                  {"thread-pool", pool_settings},
                                                  {"select", {}},
                                                  {"proactor", {}}}};

std::filesystem::path new_folder() {
  static std::atomic<int> count{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  const auto name = "asyncd-config-" + std::to_string(now) + "-" + std::to_string(count++);
  const auto folder = std::filesystem::temp_directory_path() / name;
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

const Schema& test_schema() {
  static const Schema schema{test_backends, "proactor"};
  return schema;
}

ConfigTest::ConfigTest() : before_(std::filesystem::current_path()), folder_(new_folder()) {
  std::filesystem::current_path(folder_);
  // for the file, not as a setting: whose the folder is does not matter
  environment_["ASYNCD_SECURITY_TRUST"] = "any";
  sources.environment = [this](std::string_view name) -> std::optional<std::string> {
    const auto found = environment_.find(name);
    return found != environment_.end() ? std::optional(found->second) : std::nullopt;
  };
}

ConfigTest::~ConfigTest() {
  std::filesystem::current_path(before_);
  std::filesystem::remove_all(folder_);
}

void ConfigTest::write(const std::string& text, const std::string& name) {
  std::ofstream(name, std::ios::binary) << text;
}

void ConfigTest::set(const std::string& variable, const std::string& value) {
  environment_[variable] = value;
  if (variable.starts_with("ASYNCD_")) sources.environment_names.push_back(variable);
}

Result<Loaded> ConfigTest::load() { return load_config(sources, schema); }

Result<Loaded> ConfigTest::load(const std::string& text) {
  write(text);
  return load();
}

Loaded ConfigTest::loaded(const std::string& text) {
  Result<Loaded> result = load(text);
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::move(*result) : Loaded{};
}

std::string ConfigTest::mistakes(const std::string& text, ExitCode code) {
  write(text);
  return mistakes(code);
}

std::string ConfigTest::mistakes(ExitCode code) {
  const Result<Loaded> result = load();
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, code);
  return result.error().message;
}

std::string effective_value(const Loaded& loaded, std::string_view section, std::string_view key) {
  for (const EffectiveValue& value : loaded.values)
    if (value.section == section && value.key == key) return value.text + " (" + value.origin + ")";
  return "none";
}

}  // namespace asyncd
