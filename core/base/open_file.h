// OpenFile: a file that is opened once. What is asked, checked and read is of that very file, whatever becomes of its
// name meanwhile. Start-up and reload only; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace asyncd {

class OpenFile {
 public:
  // How its content was, as far as the system tells without reading it.
  struct Stamp {
    std::uint64_t device = 0, number = 0, size = 0;
    std::int64_t changed = 0;  // when it was written to last; 0 where nobody can while it is open

    bool operator==(const Stamp&) const = default;
  };

  // Waits for whoever writes to a pipe. The error's code is 66, 77 or 1, and its text the system's own words.
  static Result<OpenFile> open(const std::filesystem::path& path);
  // Likewise, but never waits, and takes nothing than a regular file: 65.
  static Result<OpenFile> open_regular(const std::filesystem::path& path);

  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;

  std::uint64_t size() const { return stamp_.size; }
  Result<std::string> read(std::size_t most) const;  // once, from its beginning

  // Whether nobody has written to it since it was opened, and whether `path` is still its name.
  bool is_unchanged() const;
  bool is_still_at(const std::filesystem::path& path) const;

  std::intptr_t handle() const { return handle_; }  // the system's

 private:
  explicit OpenFile(std::intptr_t handle);

  std::intptr_t handle_;
  Stamp stamp_;
};

}  // namespace asyncd
