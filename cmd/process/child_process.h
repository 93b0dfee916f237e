// ChildProcess: this very program once more: for what may not survive, where a crash or an endless
// loop is an answer here; and for a server of our own. Its standard output is read here; its
// standard input is empty. On Linux it ends with the thread that has started it, on Windows with
// this process, however they end. One thread, which outlives it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace asyncd {

class ChildProcess {
 public:
  enum class Kind : std::uint8_t {
    helper,  // its standard error is this process's
    apart,   // its standard error is read here, too; a Ctrl-C of the terminal is not for it
  };
  // 71: it cannot be started.
  static Result<ChildProcess> start(std::span<const std::string> arguments,
                                    Kind kind = Kind::helper);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // ends it where it still runs

  std::uint64_t id() const;  // the system's number of it, as in its list of processes
  void ask_to_end();         // as an operator would

  enum class Reading : std::uint8_t { bytes, end, late };
  // Appends what it has written, or finds that it writes no more, or nothing within `patience`.
  Reading read(std::string& text, Duration patience);

  // Waits for its end, once. Nothing: it has ended with exit code 0. Else words: "the process ended
  // with exit code 3", or that it does not end within `patience`.
  std::optional<std::string> wait(Duration patience);

 private:
  ChildProcess(std::intptr_t process, std::intptr_t output) : process_(process), output_(output) {}

  std::intptr_t process_;  // the system's name for it; 0: it has been waited for
  std::intptr_t output_;
};

// In the child, first of all: its standard output, for the parent alone. Whatever else in the
// process prints goes to standard error.
std::FILE* enter_child();

}  // namespace asyncd
