#include <mach-o/dyld.h>

#include <cstdint>
#include <string>
#include <system_error>

#include "core/system/executable.h"

namespace asyncd {

std::filesystem::path executable_path() {
  std::uint32_t size = 0;
  ::_NSGetExecutablePath(nullptr, &size);
  std::string path(size, '\0');
  if (::_NSGetExecutablePath(path.data(), &size) != 0) return {};
  std::error_code none;
  return std::filesystem::canonical(path.c_str(), none);
}

}  // namespace asyncd
