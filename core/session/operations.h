// Operations: what calls of asynchronous handlers may wait for, done by the loop that moves the
// sessions' bytes. One object for each thread that runs sessions; all functions on that thread.
// There are three kinds: one for threads that may block (core/operations/inline_operations.h), one
// for event loops (core/operations/deferred_operations.h), and one that `asyncd handler check`
// examines handlers with (cmd/handler_check/simulated_operations.h).
#pragma once

#include <cstdint>

struct asyncd_op;

namespace asyncd {

struct AsyncCall;

class Operations {
 public:
  virtual ~Operations() = default;

  // Whether calls go on while their operations are under way; else submit blocks.
  virtual bool defers() const = 0;

  // Begins `op`, whose size and kind are known to be right. 0: it has ended; ASYNCD_PENDING: its
  // done will be called, and the session gets a turn then. Never throws: what cannot begin has
  // failed.
  virtual std::int32_t submit(AsyncCall& call, asyncd_op& op) noexcept = 0;

  // Sends what the session has to send, where submit is about to block.
  virtual void send_output(AsyncCall& call) noexcept = 0;

  // The turn of a serial handler's call, which may have to wait for those of others. True: it may
  // begin; else Calls::on_entered tells, where it defers, or it is over. std::bad_alloc, where it
  // defers.
  virtual bool enter(AsyncCall& call) = 0;

  // Ends an ASYNCD_OP_FLUSH that is under way.
  virtual void end_flush(AsyncCall& call, std::int32_t result) noexcept = 0;

  // All that is under way ends soon, but not within this function.
  virtual void cancel(AsyncCall& call) noexcept = 0;

  // For an ASYNCD_OP_EXTERNAL; 0: no memory.
  virtual std::uint64_t open_ticket(AsyncCall& call) noexcept = 0;

  // The call has ended, and with it what it still holds: streams and tickets.
  virtual void release(AsyncCall& call) noexcept = 0;
};

// Who moves the bytes of a session, as its calls see it.
struct CallOwner {
  Operations* operations = nullptr;  // null: there is nothing that a call could wait for
  void* driver = nullptr;            // what `operations` knows the session's owner by
};

}  // namespace asyncd
