// A file in a fresh folder that only this user may enter; both are gone again once it is loaded.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/plugin/private_copy.h"

namespace asyncd {

namespace fs = std::filesystem;

Result<std::optional<PrivateCopy>> make_private_copy(std::string_view bytes,
                                                     const std::string& original) {
  std::error_code failure;
  std::string folder = (fs::temp_directory_path(failure) / "asyncd-XXXXXX").string();
  if (failure || ::mkdtemp(folder.data()) == nullptr) return std::optional<PrivateCopy>();
  std::shared_ptr<const void> held(nullptr, [folder](const void*) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  });
  const fs::path path = fs::path(folder) / fs::path(original).filename();
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return Error{ExitCode::os_limit, "there is no room for a copy of it in " + folder};
  return std::optional(PrivateCopy{path.string(), std::move(held), nullptr});
}

bool may_be_copied(std::string_view bytes) {
  return bytes.find("@loader_path") == std::string_view::npos;
}

bool is_locked_while_loaded() { return false; }

void remove_left_copies() {}  // each is removed at once

}  // namespace asyncd
