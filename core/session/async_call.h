// AsyncCall: one message on its way through an asynchronous handler. Where threads may block it
// lives on the stack, as other calls do, and writes into the session's output. On event loops it
// may outlive the turn that it began in: it has memory of its own then, for itself, its message and
// its reply. Belongs to the session's thread.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/session/call.h"
#include "core/session/close_reason.h"
#include "core/session/operations.h"

struct asyncd_stream;

namespace asyncd {

struct AsyncCall : Call {
  enum class State : std::uint8_t {
    running,   // its message hook has not returned
    pending,   // operations are under way
    finished,  // `outcome` is known
  };

  explicit AsyncCall(BufferPool& pool) : Call{}, larger(pool) {}

  // Small things first: they fit behind those of Call, and there are as many of these as calls that
  // wait.
  State state = State::running;
  CloseReason cancelled_by = CloseReason::none;  // why the connection has ended meanwhile
  // operations that ended within submit, since the loop has had its turn
  std::uint8_t quick_results = 0;
  bool deferred : 1 = false;
  bool broken : 1 = false;     // the handler has broken its contract
  bool cancelled : 1 = false;  // whatever it submits ends so
  bool timed_out : 1 = false;
  // inline: its thread is at offloaded work, which may ask nothing of the host
  bool working : 1 = false;
  bool entered : 1 = false;   // has its serial handler to itself
  bool streamed : 1 = false;  // a part of the reply has gone already

  CallOwner owner;
  Instant deadline = never;
  Instant ended{};                   // inline: when it was released
  asyncd_op* flush = nullptr;        // waits for output to leave
  asyncd_op* under_way = nullptr;    // the operations' own list
  asyncd_stream* streams = nullptr;  // likewise
  std::uint64_t ticket = 0;          // likewise: the last one

  AsyncCall* next = nullptr;  // in the order of the messages
  BufferPool::Block block;    // deferred: holds this, the message and the first window
  Buffer larger;              // deferred: the window, once it has grown
  std::uint64_t first_window = 0;

  std::int32_t outcome = 0;
  std::uint32_t operations = 0;  // under way

  bool may_expire() const { return state == State::pending && !cancelled; }

  // Deferred: where the reply is written.
  std::span<char> own_window() {
    if (larger.room() != 0) return {larger.reserve(0), larger.room()};
    return {block.data + (block.capacity - first_window), static_cast<std::size_t>(first_window)};
  }
  // What the call says of its window is in its handler's hands. Whether it can be true.
  bool holds_own_window() {
    return window == own_window().data() && reply_size <= own_window().size();
  }
};

// The functions of asyncd_host that an asynchronous handler may use.
std::int32_t session_submit(asyncd_call* call, asyncd_op* op) noexcept;
void session_finish_call(asyncd_call* call, std::int32_t outcome) noexcept;
std::uint64_t session_open_ticket(asyncd_call* call) noexcept;
void* session_allocate(asyncd_call* call, std::uint64_t bytes) noexcept;
void session_release(asyncd_call* call, void* memory, std::uint64_t bytes) noexcept;

}  // namespace asyncd
