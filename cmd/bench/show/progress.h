// Progress: how a run goes, on standard error: one block that is drawn over and over on a terminal,
// a line a second elsewhere, or a JSON object a second. One owner; the load's thread.
#pragma once

#include <functional>
#include <string>

#include "cmd/bench/drive/measured.h"

namespace asyncd::bench {

enum class ProgressForm : std::uint8_t { none, block, lines, json };

class Progress {
 public:
  using Write = std::function<void(const std::string&)>;

  Progress(ProgressForm form, Write write) : form_(form), write_(std::move(write)) {}
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A run begins: how it is called, and how long it takes (or unlimited).
  void begin(const std::string& title, Duration duration);
  void second(const Second& second);
  void note(const std::string& line);  // something to know between two runs
  // removes the block, so that the result stands where it stood
  void end();

 private:
  std::string block(const Second& second) const;
  std::string figures(const Second& second) const;

  const ProgressForm form_;
  const Write write_;
  std::string title_;
  Duration duration_ = unlimited_time;
  std::uint64_t failed_ = 0;
  bool drawn_ = false;
};

}  // namespace asyncd::bench
