// CallQueue: the calls of an asynchronous handler that have not been answered yet, in the order of
// their messages, which is the order of the answers. Each has memory of its own, because it may
// outlive the turn that it began in. Empty for other handlers, and where threads may block. Belongs
// to the session's thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/require.h"
#include "core/session/async_call.h"
#include "core/session/service.h"

namespace asyncd {

class CallQueue {
 public:
  // Both references outlive it; all calls have ended before it goes.
  CallQueue(const Service& service, BufferPool& pool, const CallOwner& owner);
  ~CallQueue() { ASYNCD_REQUIRE(empty(), "a session outlives its calls"); }
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  const CallOwner& owner() const { return owner_; }
  bool empty() const { return first_ == nullptr; }
  AsyncCall* first() const { return first_; }
  // The one to be answered next, if it has ended.
  AsyncCall* first_ended() const {
    return !empty() && first_->state == AsyncCall::State::finished ? first_ : nullptr;
  }
  bool is_full() const { return in_flight_ >= most_in_flight_; }

  // A call with a copy of its message behind it and a window behind that; std::bad_alloc.
  struct Added {
    AsyncCall& call;
    std::string_view message;
  };
  Added add(std::string_view message);
  void remove(AsyncCall& call);
  void remove_ended();

  // The handler is told, and all that the call waits for ends soon, but not in here.
  void cancel(AsyncCall& call);
  void cancel_all();
  void expire(Instant now);  // cancels those whose time is over
  Instant deadline() const;  // of the first of them

  // Memory. `bytes_held` is what all calls hold, with what the handler has allocated in them.
  std::uint64_t bytes_held() const { return bytes_; }
  void enlarge_window(AsyncCall& call, std::uint64_t bytes);  // std::bad_alloc
  void* allocate(std::uint64_t bytes) noexcept;               // null: no memory
  void release(void* memory, std::uint64_t bytes) noexcept;

  // Whether messages wait for calls to end.
  void hold_messages(bool hold) { holds_messages_ = hold; }
  bool holds_messages() const { return holds_messages_; }

 private:
  const Service& service_;
  BufferPool& pool_;
  const CallOwner owner_;
  AsyncCall* first_ = nullptr;
  AsyncCall* last_ = nullptr;
  std::uint64_t bytes_ = 0;
  std::uint32_t in_flight_ = 0;
  const std::uint32_t most_in_flight_;
  bool holds_messages_ = false;
};

}  // namespace asyncd
