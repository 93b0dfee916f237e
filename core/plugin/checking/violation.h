// Violation: what a handler has done against the rules of asyncd.h, or asyncd itself, where builds
// check it.
#pragma once

#include <string_view>

namespace asyncd {

struct ConnectionInfo;

struct Violation {
  std::string_view handler;  // "unknown" where nothing tells
  std::string_view hook;     // that was running; "none"
  std::string_view what;
  const ConnectionInfo* connection = nullptr;  // where it is known
  bool fatal = false;                          // it cannot be known what else is wrong now
};

using Report = void (*)(const Violation&);

// One line of the log, or of standard error before there is a log. A fatal one ends the process by
// abort. Any thread.
void log_violation(const Violation& violation);

}  // namespace asyncd
