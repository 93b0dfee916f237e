#include "core/config/find_file.h"

namespace asyncd {
namespace {

// The folder that holds the user's configuration; empty where there is none.
std::filesystem::path user_folder(const Environment& environment) {
  const std::filesystem::path chosen = environment("XDG_CONFIG_HOME").value_or("");
  if (chosen.is_absolute()) return chosen;
  const std::filesystem::path home = environment("HOME").value_or("");
  if (!home.is_absolute()) return {};
#if defined(__APPLE__)
  return home / "Library" / "Application Support";
#else
  return home / ".config";
#endif
}

}  // namespace

std::vector<std::filesystem::path> installed_config_files(const Environment& environment) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path user = user_folder(environment);
  if (!user.empty()) files.push_back(user / "asyncd" / "asyncd.toml");
  files.emplace_back("/etc/asyncd/asyncd.toml");
  return files;
}

char path_list_separator() { return ':'; }

}  // namespace asyncd
