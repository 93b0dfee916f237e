// Calls: how the messages of a session become calls of its handler, and calls become replies. A
// call ends at once, or its thread waits with it, or, on an event loop, it is put into the queue
// and is answered in a later turn. Belongs to the session's thread. std::bad_alloc where there is
// no memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/clock.h"
#include "core/session/call_queue.h"
#include "core/session/close_reason.h"
#include "core/session/handler_connection.h"
#include "core/session/output.h"

namespace asyncd {

class SessionObserver;

// What a call has done to its connection.
struct CallEffect {
  enum class Then : std::uint8_t {
    go_on,
    close,             // in order, once the output has gone
    close_for_memory,  // likewise, and the client is yet to be told why
    cut,               // at once
    break_off,         // likewise, in the middle of a reply
  };
  Then then = Then::go_on;
  CloseReason reason = CloseReason::none;
};

class Calls {
 public:
  // Writes replies to `output`. All references outlive it.
  Calls(const Service& service, Output& output, void* worker, const ConnectionInfo& info,
        const CallOwner& owner, HookMark* mark);

  bool is_open() const { return handler_.is_open(); }  // the handler has taken the connection
  void observe(SessionObserver* observer) { observer_ = observer; }

  // Where threads may block, or the handler is not asynchronous. `now` moves on with the thread.
  CallEffect call(std::string_view message, Session& session, Instant& now, bool& streamed);
  // On an event loop, with an asynchronous handler.
  bool defers() const { return defers_; }
  void begin(std::string_view message, Session& session, Instant now);
  void on_entered(AsyncCall& call);  // it is the turn of a serial handler's call
  // Answers the first call, which has ended, and removes it.
  CallEffect deliver_first();

  CallQueue& queue() { return queue_; }
  const CallQueue& queue() const { return queue_; }

  // What a handler asks of its host while one of its hooks runs, or an operation's end.
  bool reserve_reply(Call& call, std::uint64_t bytes) noexcept;
  std::int32_t submit(AsyncCall& call, asyncd_op& op) noexcept;
  void end(AsyncCall& call, std::int32_t outcome) noexcept;

 private:
  CallEffect call_at_once(std::string_view message, Session& session);
  CallEffect call_inline(std::string_view message, Session& session, Instant& now, bool& streamed);
  void run(AsyncCall& call);
  CallEffect deliver(AsyncCall& call);
  std::optional<CallEffect> end_without_reply(const AsyncCall& call, bool broken,
                                              std::int32_t outcome);
  CallEffect answer(const Call& call, std::int32_t outcome);
  CallEffect fail();

  const Service& service_;
  Output& output_;
  SessionObserver* observer_ = nullptr;
  CallQueue queue_;
  HandlerConnection handler_;
  const bool defers_;
};

}  // namespace asyncd
