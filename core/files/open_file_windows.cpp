// Windows lets no other program write to, rename or delete a file that is open in this way.
#include <windows.h>

#include <algorithm>
#include <utility>

#include "core/files/open_file.h"
#include "core/text/error_text.h"

namespace asyncd {

namespace {

HANDLE handle_of(std::intptr_t number) { return reinterpret_cast<HANDLE>(number); }

Error failure(DWORD number) {
  const bool absent = number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND;
  const bool denied = number == ERROR_ACCESS_DENIED || number == ERROR_SHARING_VIOLATION;
  const ExitCode other = denied ? ExitCode::permission : ExitCode::failure;
  return {absent ? ExitCode::not_found : other, error_text(static_cast<int>(number))};
}

}  // namespace

// A folder is not opened by this, and says that access is denied.
Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  if (const std::string_view kind = other_kind(path); !kind.empty()) return not_a_file(kind);
  Result<OpenFile> file = open_source(path);
  if (file && !file->is_regular()) return not_a_file("a device or a pipe");
  return file;
}

// What a pipe or a console has to say would have to be waited for; the empty device says nothing.
Result<OpenFile> OpenFile::open_source(const std::filesystem::path& path) {
  if (const std::string_view kind = other_kind(path); kind == "a folder") return not_a_file(kind);
  const HANDLE handle = ::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return failure(::GetLastError());
  OpenFile file(reinterpret_cast<std::intptr_t>(handle));
  const bool is_empty_device = ::_wcsicmp(path.filename().c_str(), L"NUL") == 0;
  if (!file.is_regular() && !is_empty_device) return not_a_file("a device or a pipe");
  return file;
}

OpenFile::OpenFile(std::intptr_t handle) : handle_(handle) {
  LARGE_INTEGER size{};
  if (::GetFileSizeEx(handle_of(handle_), &size))
    stamp_.size = static_cast<std::uint64_t>(size.QuadPart);
  regular_ = ::GetFileType(handle_of(handle_)) == FILE_TYPE_DISK;
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : handle_(std::exchange(other.handle_, reinterpret_cast<std::intptr_t>(INVALID_HANDLE_VALUE))),
      regular_(other.regular_),
      stamp_(other.stamp_) {}

OpenFile::~OpenFile() {
  if (handle_of(handle_) != INVALID_HANDLE_VALUE) ::CloseHandle(handle_of(handle_));
}

Result<std::string> OpenFile::read(std::size_t most, Duration) {
  constexpr std::size_t step = 64 << 10;
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size(), most)));
  while (bytes.size() < most) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(step, most - before));
    DWORD got = 0;
    const bool failed = !::ReadFile(handle_of(handle_), bytes.data() + before,
                                    static_cast<DWORD>(bytes.size() - before), &got, nullptr);
    const DWORD number = ::GetLastError();
    bytes.resize(before + got);
    if (failed && number != ERROR_BROKEN_PIPE) return failure(number);
    if (got == 0) break;
  }
  return bytes;
}

bool is_open_already(const std::filesystem::path&) { return false; }

bool OpenFile::is_unchanged() const { return true; }

bool OpenFile::is_still_at(const std::filesystem::path&) const { return true; }

}  // namespace asyncd
