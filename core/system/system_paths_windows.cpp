#include "core/system/system_paths.h"

#include "core/text/path_text.h"

namespace asyncd {

bool owns_its_folder(const std::filesystem::path&) { return true; }

std::filesystem::path user_data_folder(
    const std::function<std::optional<std::string>(std::string_view)>& environment) {
  return path_of(environment("APPDATA").value_or(""));
}

}  // namespace asyncd
