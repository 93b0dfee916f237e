#include "core/system/system_paths.h"

namespace asyncd {

// A bin is everybody's: Debian has its libc's ld.so there, for one.
bool owns_its_folder(const std::filesystem::path& program) {
  const std::filesystem::path folder = program.parent_path().filename();
  return folder != "bin" && folder != "sbin";
}

std::filesystem::path user_data_folder(
    const std::function<std::optional<std::string>(std::string_view)>& environment) {
  if (const auto data = environment("XDG_DATA_HOME"); data && !data->empty()) return *data;
  if (const auto home = environment("HOME"); home && !home->empty())
    return std::filesystem::path(*home) / ".local" / "share";
  return {};
}

}  // namespace asyncd
