// SessionObserver: hears of what a session does within a turn, so that the trace can tell of each
// step. Null unless one does. Called on the session's thread, from within its functions: it must
// not call back, and may only look.
#pragma once

#include <cstdint>

namespace asyncd {

class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void on_message(std::uint64_t bytes) = 0;  // is about to be handled
  // the handler is about to wait: ASYNCD_OP_...
  virtual void on_operation(std::uint32_t operation) = 0;
  virtual void on_answered() = 0;  // the oldest message that was not
};

}  // namespace asyncd
