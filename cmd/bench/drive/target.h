// ResolvedTarget: the server that is measured, looked up once: looking up may take its time, which
// no measurement wants to measure. Plain value.
#pragma once

#include "core/net/connect.h"

namespace asyncd::bench {

struct ResolvedTarget {
  Endpoint endpoint;
  std::uint16_t port = 0;  // 0: a unix socket
  bool local = false;      // on this machine, as its address says

  // The error (2: not an address; 1: not known) names the text.
  static Result<ResolvedTarget> find(const std::string& text);
};

}  // namespace asyncd::bench
