// A file in a fresh folder among the temporary ones. It cannot be removed while it is loaded, which
// it is until this process ends; so a later one removes it.
#include "core/plugin/private_copy.h"

#include <windows.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/text/path_text.h"
#include "core/text/text.h"
#include "core/text/wide_text_windows.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "asyncd-handler-";

bool has_ended(std::int64_t process) {
  // Ours has made no copy yet, so one with its number is of an earlier process that had it.
  if (process == static_cast<std::int64_t>(::GetCurrentProcessId())) return true;
  const HANDLE handle = ::OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(process));
  if (handle == nullptr) return ::GetLastError() == ERROR_INVALID_PARAMETER;
  const bool ended = ::WaitForSingleObject(handle, 0) != WAIT_TIMEOUT;
  ::CloseHandle(handle);
  return ended;
}

}  // namespace

Result<std::optional<PrivateCopy>> make_private_copy(std::string_view bytes,
                                                     const std::string& original) {
  static std::atomic<unsigned> count{0};
  std::error_code failure;
  const fs::path temporary = fs::temp_directory_path(failure);
  if (failure) return std::optional<PrivateCopy>();
  const Error no_room{ExitCode::os_limit,
                      "there is no room for a copy of it in " + path_text(temporary)};
  // asyncd-handler-PROCESS-COUNT. One that is there already may be another process's: so the next
  // is tried.
  const std::string name = std::string(prefix) + std::to_string(::GetCurrentProcessId()) + "-";
  fs::path folder;
  do folder = temporary / path_of(name + std::to_string(++count));
  while (!fs::create_directory(folder, failure) && !failure);
  if (failure) return no_room;
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
  fs::directory_iterator entry(fs::temp_directory_path(ignored), ignored);
  for (; entry != fs::directory_iterator(); entry.increment(ignored)) {
    const std::string name = narrow(entry->path().filename().native());
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = std::string_view(name).substr(prefix.size());
    const auto process = text::parse_integer(rest.substr(0, rest.find('-')));
    if (process && has_ended(*process)) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace asyncd
