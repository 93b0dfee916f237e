// A file in a fresh folder among the temporary ones. It cannot be removed while it is loaded, which it is until this
// process ends; so a later one removes it.
#include "core/plugin/private_copy.h"

#include <windows.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/base/path_text.h"
#include "core/base/text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "asyncd-handler-";

bool is_alive(std::int64_t process) {
  const HANDLE handle = ::OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(process));
  if (handle == nullptr) return ::GetLastError() != ERROR_INVALID_PARAMETER;
  const bool alive = ::WaitForSingleObject(handle, 0) == WAIT_TIMEOUT;
  ::CloseHandle(handle);
  return alive;
}

}  // namespace

Result<std::optional<PrivateCopy>> make_private_copy(std::string_view bytes, const std::string& original) {
  static std::atomic<unsigned> count{0};
  std::error_code failure;
  const fs::path temporary = fs::temp_directory_path(failure);
  if (failure) return std::optional<PrivateCopy>();
  // asyncd-handler-PROCESS-COUNT
  const std::string name =
      std::string(prefix) + std::to_string(::GetCurrentProcessId()) + "-" + std::to_string(++count);
  const fs::path folder = temporary / path_of(name);
  const Error no_room{ExitCode::os_limit, "there is no room for a copy of it in " + path_text(temporary)};
  // False where the folder is there already, and perhaps somebody else's.
  if (!fs::create_directory(folder, failure)) return no_room;
  const fs::path path = folder / path_of(original).filename();
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return no_room;
  return std::optional(PrivateCopy{path_text(path), nullptr, nullptr});
}

bool may_be_copied(std::string_view) { return true; }

bool is_locked_while_loaded() { return true; }

void remove_left_copies() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(ignored), ignored)) {
    const std::string name = path_text(entry.path().filename());
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = std::string_view(name).substr(prefix.size());
    const auto process = text::parse_integer(rest.substr(0, rest.find('-')));
    if (process && !is_alive(*process)) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace asyncd
