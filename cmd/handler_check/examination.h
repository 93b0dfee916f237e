// Examination: what `asyncd handler check` does with a library, in a process that need not survive
// it: loads it, makes its handlers, gives them what users and clients might, and holds them to the
// rules of asyncd.h meanwhile. Main thread, which starts others for a while.
#pragma once

#include <string>

#include "cmd/handler_check/findings.h"
#include "core/config/config.h"
#include "core/plugin/handler.h"

namespace asyncd {

class Examination {
 public:
  Examination(FindingsWriter& findings, const Config& config, std::uint64_t seed);

  // 0: all is well; else the code that a start of asyncd would end with, 65 where it would not
  // notice.
  ExitCode examine(const std::string& path);

 private:
  bool examine_handler(HandlerDescription& handler);

  FindingsWriter& findings_;
  const Config& config_;
  const std::uint64_t seed_;
};

}  // namespace asyncd
