#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/base/open_file.h"

namespace asyncd {

namespace {

Error failure(int number) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  const bool denied = number == EACCES || number == EPERM;
  return {absent ? ExitCode::not_found : (denied ? ExitCode::permission : ExitCode::failure),
          std::generic_category().message(number)};
}

OpenFile::Stamp stamp_of(const struct stat& found) {
#if defined(__APPLE__)
  const timespec& changed = found.st_mtimespec;
#else
  const timespec& changed = found.st_mtim;
#endif
  return {.device = static_cast<std::uint64_t>(found.st_dev),
          .number = static_cast<std::uint64_t>(found.st_ino),
          .size = static_cast<std::uint64_t>(found.st_size),
          .changed = static_cast<std::int64_t>(changed.tv_sec) * 1'000'000'000 + changed.tv_nsec};
}

Result<int> open_descriptor(const std::filesystem::path& path, int flags) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    if (descriptor >= 0) return descriptor;
    if (errno != EINTR) return failure(errno);
  }
}

}  // namespace

Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  const Result<int> descriptor = open_descriptor(path, 0);
  if (!descriptor) return descriptor.error();
  return OpenFile(*descriptor);
}

Result<OpenFile> OpenFile::open_regular(const std::filesystem::path& path) {
  const Result<int> descriptor = open_descriptor(path, O_NONBLOCK);
  if (!descriptor) return descriptor.error();
  OpenFile file(*descriptor);
  struct stat found {};
  if (::fstat(*descriptor, &found) != 0 || !S_ISREG(found.st_mode))
    return Error{ExitCode::handler_rejected, "not a regular file"};
  return file;
}

OpenFile::OpenFile(std::intptr_t handle) : handle_(handle) {
  struct stat found {};
  if (::fstat(static_cast<int>(handle_), &found) == 0) stamp_ = stamp_of(found);
}

OpenFile::OpenFile(OpenFile&& other) noexcept : handle_(std::exchange(other.handle_, -1)), stamp_(other.stamp_) {}

OpenFile::~OpenFile() {
  if (handle_ >= 0) ::close(static_cast<int>(handle_));
}

Result<std::string> OpenFile::read(std::size_t most) const {
  constexpr std::size_t step = 64 << 10;
  std::string bytes;
  bytes.reserve(std::min<std::uint64_t>(size(), most));
  while (bytes.size() < most) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(step, most - before));
    const ssize_t got = ::read(static_cast<int>(handle_), bytes.data() + before, bytes.size() - before);
    const int number = errno;
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
    if (got < 0 && number != EINTR) return failure(number);
  }
  return bytes;
}

bool OpenFile::is_unchanged() const {
  struct stat found {};
  return ::fstat(static_cast<int>(handle_), &found) == 0 && stamp_of(found) == stamp_;
}

bool OpenFile::is_still_at(const std::filesystem::path& path) const {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && stamp_of(found) == stamp_;
}

}  // namespace asyncd
