#include <windows.h>

#include <filesystem>
#include <system_error>

#include "core/base/path_text.h"
#include "core/plugin/library.h"

namespace asyncd {

// Libraries that the handler needs are looked for beside it and where the system keeps its own, never in the current
// folder.
Result<Library> Library::open(const std::string& path) {
  std::error_code none;
  const std::filesystem::path file = std::filesystem::absolute(path_of(path), none);
  const HMODULE handle =
      ::LoadLibraryExW(file.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  if (handle != nullptr) return Library(static_cast<void*>(handle));
  return Error{ExitCode::handler_rejected, std::system_category().message(static_cast<int>(::GetLastError()))};
}

const void* Library::symbol(const char* name) const {
  return reinterpret_cast<const void*>(::GetProcAddress(static_cast<HMODULE>(handle_), name));
}

std::string_view Library::suffix() { return ".dll"; }

}  // namespace asyncd
