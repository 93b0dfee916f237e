#include <windows.h>

#include <filesystem>
#include <system_error>

#include "core/base/path_text.h"
#include "core/plugin/library.h"
#include "core/plugin/system_loader.h"

namespace asyncd {

// Libraries that the handler needs are looked for beside it and where the system keeps its own, never in the current
// folder.
Result<void*> load_code(const std::string& name, const std::string& path) {
  std::error_code none;
  const std::filesystem::path file = std::filesystem::absolute(path_of(name), none);
  const std::filesystem::path folder = std::filesystem::absolute(path_of(path), none).parent_path();
  const DLL_DIRECTORY_COOKIE beside = ::AddDllDirectory(folder.c_str());
  const HMODULE handle =
      ::LoadLibraryExW(file.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  const DWORD failure = ::GetLastError();
  if (beside != nullptr) ::RemoveDllDirectory(beside);
  if (handle != nullptr) return static_cast<void*>(handle);
  return Error{ExitCode::handler_rejected, std::system_category().message(static_cast<int>(failure))};
}

const void* find_symbol(void* code, const char* name) {
  return reinterpret_cast<const void*>(::GetProcAddress(static_cast<HMODULE>(code), name));
}

std::string_view Library::suffix() { return ".dll"; }

}  // namespace asyncd
