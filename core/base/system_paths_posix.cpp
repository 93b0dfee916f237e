#include "core/base/system_paths.h"

namespace asyncd {

std::filesystem::path user_data_folder(const std::function<std::optional<std::string>(std::string_view)>& environment) {
  if (const auto data = environment("XDG_DATA_HOME"); data && !data->empty()) return *data;
  if (const auto home = environment("HOME"); home && !home->empty())
    return std::filesystem::path(*home) / ".local" / "share";
  return {};
}

}  // namespace asyncd
