#include "core/plugin/system_loader.h"

#include <windows.h>

#include <filesystem>
#include <system_error>

#include "core/text/error_text.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

// The file itself is there and a library for this machine: that was checked before.
std::string refusal(DWORD error) {
  const std::string words = error_text(static_cast<int>(error));
  switch (error) {
    case ERROR_MOD_NOT_FOUND:
      return "it needs a library that is not found: " + words +
             "; put that beside it, or build the handler without it";
    case ERROR_PROC_NOT_FOUND:
      return "a library that it needs lacks something: " + words +
             "; put the right version of that beside it";
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_INVALID_DLL:
      return "it, or a library that it needs, is damaged or no shared library: " + words +
             "; build or copy it again";
    default:
      return "the system's loader refuses it: " + words +
             "; build it with all that it needs, as a shared library";
  }
}

}  // namespace

// Libraries that the handler needs are looked for beside it, beside asyncd and where the system
// keeps its own, never in the current folder.
Result<void*> load_code(const std::string& name, const std::string& path) {
  std::error_code none;
  const std::filesystem::path file =
      std::filesystem::absolute(path_of(name), none).make_preferred();
  const std::filesystem::path folder =
      std::filesystem::absolute(path_of(path), none).make_preferred().parent_path();
  const DLL_DIRECTORY_COOKIE beside = ::AddDllDirectory(folder.c_str());
  const HMODULE handle = ::LoadLibraryExW(
      file.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  const DWORD failure = ::GetLastError();
  if (beside != nullptr) ::RemoveDllDirectory(beside);
  if (handle != nullptr) return static_cast<void*>(handle);
  return Error{ExitCode::handler_rejected, refusal(failure)};
}

const void* find_symbol(void* code, const char* name) {
  return reinterpret_cast<const void*>(::GetProcAddress(static_cast<HMODULE>(code), name));
}

std::string_view library_suffix() { return ".dll"; }

}  // namespace asyncd
