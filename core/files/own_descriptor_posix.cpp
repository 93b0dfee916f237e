#include "core/files/own_descriptor_posix.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace asyncd {

namespace {

struct Stream {
  std::string_view name;
  int descriptor;
};

constexpr std::array<Stream, 3> streams{
    {{"/dev/stdin", STDIN_FILENO}, {"/dev/stdout", STDOUT_FILENO}, {"/dev/stderr", STDERR_FILENO}}};

}  // namespace

std::optional<int> own_descriptor(const std::filesystem::path& path) {
  const std::string plain = path.lexically_normal().string();
  for (const Stream& stream : streams)
    if (plain == stream.name) return stream.descriptor;
  const std::string by_number = "/proc/" + std::to_string(::getpid()) + "/fd/";
  for (const std::string_view folder :
       {std::string_view("/dev/fd/"), std::string_view("/proc/self/fd/"),
        std::string_view(by_number)}) {
    if (!plain.starts_with(folder)) continue;
    int number = 0;
    const char* const end = plain.data() + plain.size();
    const auto [last, failure] = std::from_chars(plain.data() + folder.size(), end, number);
    if (failure == std::errc() && last == end && number >= 0) return number;
  }
  return std::nullopt;
}

int duplicate(int descriptor) { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

}  // namespace asyncd
