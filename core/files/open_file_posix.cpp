#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "core/files/open_file.h"
#include "core/files/own_descriptor_posix.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

Error failure(int number) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  const bool denied = number == EACCES || number == EPERM;
  const ExitCode other = denied ? ExitCode::permission : ExitCode::failure;
  return {absent ? ExitCode::not_found : other, std::generic_category().message(number)};
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

// Not to wait for the writer of a FIFO, nor to be given a terminal.
Result<int> open_descriptor(const std::filesystem::path& path) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor >= 0) return descriptor;
    if (errno != EINTR) return failure(errno);
  }
}

bool is_empty_device(const struct stat& found) {
  struct stat empty {};
  return S_ISCHR(found.st_mode) && ::stat("/dev/null", &empty) == 0 &&
         found.st_rdev == empty.st_rdev;
}

// Of what is neither ready nor at its end.
Error late(Duration patience) {
  return {ExitCode::not_found,
          "it has not come to its end within " + text::format_duration(patience)};
}

// Whether bytes, or the end of them, are there before `deadline`.
bool wait_for_bytes(int descriptor, Instant deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

// A name is looked at before it is opened, because to open a device may do something to it, and
// after, because it may have become another's.
Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  if (const std::string_view kind = other_kind(path); !kind.empty()) return not_a_file(kind);
  const Result<int> descriptor = open_descriptor(path);
  if (!descriptor) return descriptor.error();
  OpenFile file(*descriptor);
  if (!file.is_regular()) return not_a_file("something else");
  return file;
}

Result<OpenFile> OpenFile::open_source(const std::filesystem::path& path) {
  if (const std::optional<int> own = own_descriptor(path)) {
    const int descriptor = duplicate(*own);
    if (descriptor < 0) return Error{ExitCode::not_found, std::generic_category().message(errno)};
    if (struct stat found{}; ::fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode)) {
      ::close(descriptor);
      return not_a_file("a folder");
    }
    return OpenFile(descriptor);
  }
  if (struct stat found{}; ::stat(path.c_str(), &found) != 0 || !is_empty_device(found))
    return open(path);
  const Result<int> descriptor = open_descriptor(path);
  if (!descriptor) return descriptor.error();
  return OpenFile(*descriptor);
}

OpenFile::OpenFile(std::intptr_t handle) : handle_(handle) {
  struct stat found {};
  if (::fstat(static_cast<int>(handle_), &found) != 0) return;
  stamp_ = stamp_of(found);
  regular_ = S_ISREG(found.st_mode);
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)),
      position_(other.position_),
      regular_(other.regular_),
      stamp_(other.stamp_) {}

OpenFile::~OpenFile() {
  if (handle_ >= 0) ::close(static_cast<int>(handle_));
}

// A regular file is read by positions: a duplicate of a descriptor shares that of the other one.
Result<std::string> OpenFile::read(std::size_t most, Duration patience) {
  constexpr std::size_t step = 64 << 10;
  const int descriptor = static_cast<int>(handle_);
  const Instant deadline = Clock::now() + patience;
  std::string bytes;
  if (regular_) bytes.reserve(std::min<std::uint64_t>(size(), most));
  while (bytes.size() < most) {
    if (!regular_ && !wait_for_bytes(descriptor, deadline)) return late(patience);
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(step, most - before));
    char* const room = bytes.data() + before;
    const ssize_t got =
        regular_ ? ::pread(descriptor, room, bytes.size() - before, static_cast<off_t>(position_))
                 : ::read(descriptor, room, bytes.size() - before);
    const int number = errno;
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    position_ += static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
    if (got == 0) break;
    if (got < 0 && number != EINTR && number != EAGAIN) return failure(number);
  }
  return bytes;
}

bool is_open_already(const std::filesystem::path& path) { return own_descriptor(path).has_value(); }

bool OpenFile::is_unchanged() const {
  struct stat found {};
  return ::fstat(static_cast<int>(handle_), &found) == 0 && stamp_of(found) == stamp_;
}

bool OpenFile::is_still_at(const std::filesystem::path& path) const {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && stamp_of(found) == stamp_;
}

}  // namespace asyncd
