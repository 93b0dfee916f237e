// A file in memory that is sealed: from then on not even this process can alter it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/plugin/private_copy.h"

namespace asyncd {

namespace {

// Code is mapped from it, but it is not run as a program. Of Linux 6.3; the headers may be older.
constexpr unsigned no_program = 8;
constexpr std::size_t longest_name = 200;

int memory_file(const std::string& original) {
  const std::string name =
      std::filesystem::path(original).filename().string().substr(0, longest_name);
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int descriptor = ::memfd_create(name.c_str(), flags | no_program);
  return descriptor >= 0 || errno != EINVAL ? descriptor : ::memfd_create(name.c_str(), flags);
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool seal(int descriptor) {
  return ::fcntl(descriptor, F_ADD_SEALS,
                 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

// A system may forbid it, for files in memory alone.
bool can_be_run(int descriptor) {
  void* code = ::mmap(nullptr, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
  if (code == MAP_FAILED) return false;
  ::munmap(code, 1);
  return true;
}

bool is_same_file(int descriptor, const std::string& path) {
  struct stat ours {
  }, found{};
  return ::fstat(descriptor, &ours) == 0 && ::stat(path.c_str(), &found) == 0 &&
         ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
}

// The loader answers a name that it knows with what it has loaded by it, and numbers of descriptors
// come back. The kernel passes over "/" and "/." between two names, so they can spell a number that
// does not: ones and zeros.
std::string spell(std::uint64_t number) {
  return (number > 1 ? spell(number / 2) : "") + (number % 2 == 1 ? "/." : "/");
}

// By the process's number, because a debugger, and whatever else prints where code is, opens it
// too. Where /proc is of another namespace, only "self" is this process. Empty where there is no
// /proc.
std::string unseen_name(int descriptor) {
  static std::atomic<std::uint64_t> count{0};
  const std::string rest = "/fd" + spell(++count) + "/" + std::to_string(descriptor);
  for (const std::string& process : {std::to_string(::getpid()), std::string("self")})
    if (std::string name = "/proc/" + process + rest; is_same_file(descriptor, name)) return name;
  return "";
}

bool is_shortage(int number) {
  return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOSPC ||
         number == EDQUOT;
}

Error no_room(int number) {
  return {ExitCode::os_limit, "there is no room for a copy of it in memory: " +
                                  std::generic_category().message(number)};
}

}  // namespace

Result<std::optional<PrivateCopy>> make_private_copy(std::string_view bytes,
                                                     const std::string& original) {
  const std::optional<PrivateCopy> none;
  const int descriptor = memory_file(original);
  if (descriptor < 0 && is_shortage(errno)) return no_room(errno);
  if (descriptor < 0) return none;
  std::shared_ptr<const void> held(nullptr, [descriptor](const void*) { ::close(descriptor); });
  if (!write_all(descriptor, bytes)) return no_room(errno);
  if (!seal(descriptor) || !can_be_run(descriptor)) return none;
  std::string name = unseen_name(descriptor);
  if (name.empty()) return none;
  return std::optional(PrivateCopy{std::move(name), nullptr, std::move(held)});
}

bool may_be_copied(std::string_view bytes) {
  return bytes.find("$ORIGIN") == std::string_view::npos &&
         bytes.find("${ORIGIN}") == std::string_view::npos;
}

bool is_locked_while_loaded() { return false; }

void remove_left_copies() {}  // memory goes with its process

}  // namespace asyncd
