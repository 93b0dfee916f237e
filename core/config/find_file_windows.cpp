#include "core/config/find_file.h"

#include "core/text/path_text.h"

namespace asyncd {

std::vector<std::filesystem::path> installed_config_files(const Environment& environment) {
  std::vector<std::filesystem::path> files;
  for (const std::string_view folder : {"APPDATA", "ProgramData"}) {
    const std::filesystem::path base = path_of(environment(folder).value_or(""));
    if (base.is_absolute()) files.push_back(base / "asyncd" / "asyncd.toml");
  }
  return files;
}

char path_list_separator() { return ';'; }

}  // namespace asyncd
