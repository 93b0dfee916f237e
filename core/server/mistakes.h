// Mistakes: what is wrong with a configuration, from several places. Plain; one thread.
#pragma once

#include <string>

#include "core/base/result.h"

namespace asyncd {

// Every mistake is reported, not the first alone; the exit code is the first one's.
class Mistakes {
 public:
  void note(const Result<void>& result) {
    if (result || all_.message.find(result.error().message) != std::string::npos) return;
    if (!found()) all_.code = result.error().code;
    all_.message += (all_.message.empty() ? "" : "\n\n") + result.error().message;
  }
  bool found() const { return all_.code != ExitCode::ok; }
  const Error& all() const { return all_; }

 private:
  Error all_{ExitCode::ok, ""};
};

}  // namespace asyncd
