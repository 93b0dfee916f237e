// TemporaryFolder: a folder for one test, which goes with it; only its user may enter.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace asyncd::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<unsigned> count{0};
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    do {
      const std::string name = "asyncd-test-" + std::to_string(now) + "-" + std::to_string(count++);
      path_ = std::filesystem::temp_directory_path() / name;
    } while (!std::filesystem::create_directory(path_));
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  // One that has its name for itself: what could not be removed, because it was loaded, is when it
  // is needed next.
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;  // Windows keeps what is loaded
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// In place, where there is one already.
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// As those do who install a new version: what has the old one open keeps it.
inline void replace_file(const std::filesystem::path& path, std::string_view bytes) {
  static std::atomic<unsigned> count{0};
  const std::filesystem::path before = path.string() + ".old" + std::to_string(count++);
  if (std::filesystem::exists(path)) std::filesystem::rename(path, before);
  write_file(path, bytes);
}

}  // namespace asyncd::test
