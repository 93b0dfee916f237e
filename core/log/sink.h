// Sink: where the log's lines go, a file or standard error. Any thread may open one; the logger's
// thread writes to it and closes it.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include "core/base/result.h"
#include "core/log/file.h"

namespace asyncd::log {

class Sink {
 public:
  // A file's name; empty: standard error. 66, 73 or 77: it cannot be opened, and why.
  static Result<std::unique_ptr<Sink>> open(const std::string& file);
  // The same answer, as far as it can be known without making a file.
  static Result<void> check(const std::string& file);

  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // Writes a line with its end. Where the system takes a part only, because the disk is full, the
  // sink keeps the rest and writes it before anything else. An error: nothing was written, the line
  // is lost. Allocates no memory.
  std::error_code write(std::string&& line);
  // Writes the rest that write has kept. An error: there still is a rest.
  std::error_code finish();

  bool same_file(const Sink& other) const { return log::same_file(file_, other.file_); }

 private:
  Sink(FileHandle file, bool owned) : file_(file), owned_(owned) {}

  FileHandle file_;
  bool owned_;
  std::string line_;  // the one that was begun
  std::size_t written_ = 0;
};

}  // namespace asyncd::log
