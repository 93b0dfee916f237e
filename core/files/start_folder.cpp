#include "core/files/start_folder.h"

#include <system_error>

namespace asyncd {

namespace {

std::filesystem::path noted;

}  // namespace

void note_start_folder() {
  std::error_code gone;
  noted = std::filesystem::current_path(gone);
}

const std::filesystem::path& start_folder() { return noted; }

bool is_in_start_folder() {
  std::error_code gone;
  return noted.empty() || std::filesystem::current_path(gone) == noted;
}

std::filesystem::path absolute_path(const std::filesystem::path& path) {
  if (path.empty() || path.is_absolute()) return path;
  if (!noted.empty()) return noted / path;
  std::error_code gone;
  const std::filesystem::path result = std::filesystem::absolute(path, gone);
  return gone ? path : result;
}

}  // namespace asyncd
