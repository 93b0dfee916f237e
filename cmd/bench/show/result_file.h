// ResultFile: where a result goes: standard output, or a file that is opened before anything is
// measured, so that one that cannot be written is known at once. One owner. Errors name the file:
// 73 cannot be written, 66 a folder, a socket or a FIFO, 2 a control byte in its name, 1 standard
// output is closed.
#pragma once

#include <fstream>
#include <string>

#include "core/base/result.h"

namespace asyncd::bench {

class ResultFile {
 public:
  explicit ResultFile(const std::string& name)
      : name_(name) {}  // "-" is standard output; empty: there is none
  // removes the file where it was made for nothing
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  Result<void> open();  // what the file holds stays in it until write()
  Result<void> write(const std::string& content);

 private:
  const std::string name_;
  std::ofstream out_;
  bool made_ = false;  // by open(), and not written yet
};

}  // namespace asyncd::bench
