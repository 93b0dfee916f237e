// OpenFile: a file that is opened once. What is asked, checked and read is of that very file,
// whatever becomes of its name meanwhile. Neither opening nor reading waits without a bound. For
// start-up, reload and commands, never on the way of a message that is served; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace asyncd {

class OpenFile {
 public:
  // How its content was, as far as the system tells without reading it.
  struct Stamp {
    std::uint64_t device = 0, number = 0, size = 0;
    std::int64_t changed = 0;  // the last write; 0 where an open file cannot be written to

    bool operator==(const Stamp&) const = default;
  };

  // A regular file. The error's code is 66 (none, or something else, such as a FIFO), 77 or 1; its
  // text says why.
  static Result<OpenFile> open(const std::filesystem::path& path);
  // Likewise; or what this process has open already, by names such as /dev/stdin and /dev/fd/3; or
  // the empty device.
  static Result<OpenFile> open_source(const std::filesystem::path& path);

  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;

  std::uint64_t size() const { return stamp_.size; }
  bool is_regular() const { return regular_; }  // else what has been read is gone

  // The next bytes, at most so many; fewer: they are the last. Of what is no regular file they have
  // to come within `patience`.
  Result<std::string> read(std::size_t most, Duration patience = std::chrono::seconds(10));

  // Whether it was not written to since it was opened, and whether `path` is still its name.
  bool is_unchanged() const;
  bool is_still_at(const std::filesystem::path& path) const;

  std::intptr_t handle() const { return handle_; }  // the system's

 private:
  explicit OpenFile(std::intptr_t handle);

  std::intptr_t handle_;
  std::uint64_t position_ = 0;
  bool regular_ = true;
  Stamp stamp_;
};

// What is there in place of a file: "a FIFO", "a folder", "a socket", "a device"; empty: a file, or
// nothing that can be seen.
std::string_view other_kind(const std::filesystem::path& path);
// Whether the name stands for what this process has open already, such as /dev/stdout.
bool is_open_already(const std::filesystem::path& path);
Error not_a_file(std::string_view kind);

}  // namespace asyncd
