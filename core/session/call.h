// Call: one message on its way through the handler. The C struct that the handler sees, with the
// host's own part behind it. Lives on the stack of Session::run, but for an AsyncCall that waits;
// belongs to the session's thread.
#pragma once

#include <cstddef>

#include "sdk/asyncd.h"

namespace asyncd {

class Session;
struct ConnectionInfo;

inline constexpr std::size_t least_window = 256;  // promised by asyncd.h

struct Call : asyncd_call {
  Session* session;
  const ConnectionInfo* connection_info;  // for the handler's log lines
  bool reply_refused;                     // host_reply_reserve said no, because of the limit
  bool no_memory;                         // host_reply_reserve said no, because there was none
};

// asyncd_host.host_reply_reserve
int32_t session_reply_reserve(asyncd_call* call, uint64_t bytes) noexcept;

}  // namespace asyncd
