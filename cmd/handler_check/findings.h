// Findings: what an examination finds out, point by point, on its way from the process that makes
// it to the one that tells the user. The first may end at any time: what it was at is known then.
// Each end is for one thread.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/exit_code.h"

namespace asyncd {

// Written by the child; each call is a line, and has left the process when it returns.
class FindingsWriter {
 public:
  explicit FindingsWriter(std::FILE* out) : out_(out) {}

  // The point that is examined from here on, of a handler; of the library itself where `handler` is
  // empty.
  void begin(std::string_view handler, std::string_view point);
  void at(std::string_view step);  // what of it is tried now
  void passed(std::string_view note = {});
  void failed(std::string_view what);
  void end(ExitCode code);  // all points have been examined that can be

 private:
  void write(char kind, std::string_view first, std::string_view second = {});

  std::FILE* out_;
};

struct Finding {
  std::string handler;
  std::string point;
  bool passed = false;
  std::string text;  // a note, or what is wrong
};

// Read by the parent.
class FindingsReader {
 public:
  // What the child has written, in pieces of any size. The findings that are new by it.
  std::vector<Finding> read(std::string_view bytes);
  // The child is no more, and not by a clean end: the finding that this is.
  Finding interrupted(std::string_view how) const;

  std::optional<int> exit_code() const { return exit_code_; }  // once it has come to its end

 private:
  std::optional<Finding> take(std::string_view line);

  std::string rest_;
  std::string handler_, point_ = "start", step_;
  std::optional<int> exit_code_;
};

}  // namespace asyncd
