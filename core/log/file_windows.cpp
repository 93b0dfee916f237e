#include <windows.h>

#include "core/log/file.h"

namespace asyncd::log {

namespace {

std::error_code last_error() {
  return {static_cast<int>(::GetLastError()), std::system_category()};
}

HANDLE native(FileHandle file) { return reinterpret_cast<HANDLE>(file); }

// Others may read it, move it away and remove it.
HANDLE open_for_appending(const std::filesystem::path& path, DWORD creation) {
  constexpr DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  return ::CreateFileW(path.c_str(), FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE, sharing,
                       nullptr, creation, FILE_ATTRIBUTE_NORMAL, nullptr);
}

}  // namespace

const std::string_view line_end = "\r\n";

std::error_code open_file(const std::filesystem::path& path, FileHandle& file) {
  const HANDLE handle = open_for_appending(path, OPEN_ALWAYS);
  if (handle == INVALID_HANDLE_VALUE) return last_error();
  file = reinterpret_cast<FileHandle>(handle);
  return {};
}

// Whether a file may be made in a folder is for its access list to say, and only making one tells.
std::error_code try_file(const std::filesystem::path& path) {
  const HANDLE handle = open_for_appending(path, OPEN_EXISTING);
  if (handle == INVALID_HANDLE_VALUE)
    return ::GetLastError() == ERROR_FILE_NOT_FOUND ? std::error_code() : last_error();
  ::CloseHandle(handle);
  return {};
}

void close_file(FileHandle file) { ::CloseHandle(native(file)); }

void begin_writing() {}

FileHandle standard_error() {
  return reinterpret_cast<FileHandle>(::GetStdHandle(STD_ERROR_HANDLE));
}

std::error_code write_file(FileHandle file, std::string_view bytes, std::size_t& written) {
  DWORD count = 0;
  const BOOL done =
      ::WriteFile(native(file), bytes.data(), static_cast<DWORD>(bytes.size()), &count, nullptr);
  written = count;
  return done != FALSE ? std::error_code() : last_error();
}

bool same_file(FileHandle one, FileHandle other) {
  BY_HANDLE_FILE_INFORMATION a{}, b{};
  if (::GetFileInformationByHandle(native(one), &a) == FALSE ||
      ::GetFileInformationByHandle(native(other), &b) == FALSE)
    return one == other;
  return a.dwVolumeSerialNumber == b.dwVolumeSerialNumber && a.nFileIndexHigh == b.nFileIndexHigh &&
         a.nFileIndexLow == b.nFileIndexLow;
}

}  // namespace asyncd::log
