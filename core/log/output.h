// Output: where the log goes, a file or standard error. Opened by any thread, used and closed by
// the log's own.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include "core/base/result.h"
#include "core/log/file.h"

namespace asyncd::log {

class Output {
 public:
  // A file's name, or nothing for standard error. 66, 73 or 77: cannot be opened, and why.
  static Result<std::unique_ptr<Output>> open(const std::string& file);
  // The same answer, as far as can be told without making a file.
  static Result<void> check(const std::string& file);

  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // The line with its end, which the system may take in part, because the disk is full: what is
  // missing of it is kept, and goes before anything else. An error: nothing of it was taken, the
  // line is lost. Takes no memory.
  std::error_code write(std::string&& line);
  // An error: the last line still is a part only.
  std::error_code finish();

  bool same_file(const Output& other) const { return log::same_file(file_, other.file_); }

 private:
  Output(FileHandle file, bool owned) : file_(file), owned_(owned) {}

  FileHandle file_;
  bool owned_;
  std::string line_;  // the one that was begun
  std::size_t written_ = 0;
};

}  // namespace asyncd::log
