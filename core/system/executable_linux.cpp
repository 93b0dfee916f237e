#include <system_error>

#include "core/system/executable.h"

namespace asyncd {

std::filesystem::path executable_path() {
  std::error_code none;
  return std::filesystem::read_symlink("/proc/self/exe", none);
}

}  // namespace asyncd
