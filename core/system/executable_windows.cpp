#include <windows.h>

#include <string>

#include "core/system/executable.h"

namespace asyncd {

std::filesystem::path executable_path() {
  constexpr DWORD longest = 32768;  // of any path
  std::wstring path(longest, L'\0');
  path.resize(::GetModuleFileNameW(nullptr, path.data(), longest));
  return path;
}

}  // namespace asyncd
