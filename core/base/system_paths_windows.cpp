#include "core/base/system_paths.h"

#include <windows.h>

#include "core/base/path_text.h"

namespace asyncd {

bool owns_its_folder(const std::filesystem::path&) { return true; }

std::string c_file_name(std::string_view text) {
  if (::GetACP() == CP_UTF8) return std::string(text);
  const std::wstring wide = path_of(text).wstring();
  const int length = static_cast<int>(wide.size());
  std::string name(4 * wide.size(), '\0');  // no code page takes more bytes for a letter
  BOOL lossy = FALSE;
  name.resize(static_cast<std::size_t>(::WideCharToMultiByte(
      CP_ACP, WC_NO_BEST_FIT_CHARS, wide.data(), length, name.data(), static_cast<int>(name.size()), nullptr, &lossy)));
  return lossy ? "" : name;
}

std::filesystem::path user_data_folder(const std::function<std::optional<std::string>(std::string_view)>& environment) {
  return path_of(environment("APPDATA").value_or(""));
}

}  // namespace asyncd
