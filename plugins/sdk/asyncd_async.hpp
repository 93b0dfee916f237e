// asyncd_async.hpp: handlers that wait, as C++20 coroutines. Header-only; a handler that never
// waits needs asyncd.hpp alone, and no coroutines.
//
//     #include "asyncd_async.hpp"
//     using namespace std::chrono_literals;
//
//     struct Patient {
//       asyncd::task<> on_message(asyncd::call call) const {
//         co_await call.sleep(100ms);
//         asyncd::stream stream = co_await call.connect("127.0.0.1:9000", 5s);
//         co_await stream.write("how much\n");
//         const auto line = co_await stream.read_until("\n", 4096);
//         call.append(line.value_or("no answer"));
//       }
//     };
//     ASYNCD_EXPORT_HANDLERS(Patient);
//
// All else is as in asyncd.hpp; on_message may have a `connection&` as second argument. The same
// library serves backends whose threads may block, where a coroutine is never suspended, and event
// loops.
//
//   * The first parameter of a coroutine is an asyncd::call: its frame lives in the memory of that
//   call, so that in the
//     steady state a message allocates nothing. Beware of std::string_view, std::span and pointers
//     to temporaries as parameters, and of lambdas with captures as coroutines: no compiler sees
//     those that are gone when it goes on.
//   * on_message may also be no coroutine, answer at once and `return {};`, or return what a
//   coroutine gives: a message
//     that needs no wait then costs no frame.
//   * Keep awaits out of ?: and of && and ||, for g++ 12 awaits in the other branch, too: write an
//   if.
//   * What an await throws may be caught. Else it ends the call: the client of an operation that
//   has timed out gets
//     "error: timed out", any other "error: operation failed", and the log says why; of an
//     operation that was cancelled it says nothing. Any other exception ends the connection, as in
//     asyncd.hpp.
//
// Role: the trampoline between the message hook and a task. Thread: that of the call's hooks.
// Ownership: a call that waits owns its task, and releases it before host_finish. Errors:
// exceptions end here.
#ifndef ASYNCD_ASYNC_HPP
#define ASYNCD_ASYNC_HPP

#include "asyncd_language.hpp"

#if !defined(__cpp_impl_coroutine) && !defined(__cpp_coroutines)
#error \
    "asyncd_async.hpp needs coroutines: leave out -fno-coroutines (g++ 10: add -fcoroutines), or take a newer compiler"
#include "asyncd: see the #error above"
#endif

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "asyncd.hpp"
#include "asyncd_call.hpp"
#include "asyncd_external.hpp"
#include "asyncd_operation.hpp"
#include "asyncd_stream.hpp"
#include "asyncd_task.hpp"
#include "asyncd_when_all.hpp"

namespace asyncd::detail {

// What a call comes to whose task has thrown what is being handled. A time-out or another server's
// failure is no mistake of the handler's, and a cancelled call is no news at all.
inline std::int32_t operation_failed(asyncd_call& raw, const operation_error& failure) {
  if (failure.result() == operation_result::cancelled)
    return asyncd_error_text(&raw, "cancelled", 9);
  const std::string_view why = failure.what();
  raw.host->host_log(&raw, ASYNCD_LOG_WARN, why.data(), why.size());
  if (failure.result() == operation_result::timed_out)
    return asyncd_error_text(&raw, "timed out", 9);
  return asyncd_error_text(&raw, "operation failed", 16);
}

inline std::int32_t answer_exception(asyncd_call& raw) noexcept {
  try {
    throw;
  } catch (const operation_error& failure) {
    return operation_failed(raw, failure);
  } catch (const std::exception& failure) {
    return handler_failed(raw, failure.what());
  } catch (...) {
    return handler_failed(raw, "an exception of an unknown type");
  }
}

// The end of a call's task, which is released here: what the call has come to.
inline std::int32_t end_task(promise_base& root) noexcept {
  asyncd_call& raw = *root.raw;
  const task<> main(static_cast<promise<void>&>(root));
  try {
    main.promise()->take();
    return take_outcome(raw);
  } catch (...) {
    take_outcome_bits(raw);
    return answer_exception(raw);
  }
}

inline void go_on(promise_base& root, std::coroutine_handle<> next) noexcept {
  asyncd_call& raw = *root.raw;
  raw.flags |= root.outcome;
  while (next) {
    root.next = nullptr;
    next.resume();
    next = root.next;
  }
  if (root.self.done())
    raw.host->host_finish(&raw, end_task(root));
  else
    root.outcome = take_outcome_bits(raw);
}

inline std::int32_t begin_task(asyncd_call& raw, promise_base& root) noexcept {
  root.root = &root;
  root.raw = &raw;
  root.self.resume();
  if (root.self.done()) return end_task(root);
  root.outcome = take_outcome_bits(raw);
  return ASYNCD_PENDING;
}

template <class Handler>
std::int32_t async_message_hook(void* self, asyncd_call* raw) noexcept {
  try {
    auto& handler = *static_cast<called_as<Handler>*>(self);
    task<> main = [&]() -> task<> {
      if constexpr (has_connection<Handler>)
        return handler.on_message(call(*raw),
                                  *static_cast<typename Handler::connection*>(raw->connection));
      else
        return handler.on_message(call(*raw));
    }();
    return main.promise() != nullptr ? begin_task(*raw, *main.release()) : take_outcome(*raw);
  } catch (...) {
    take_outcome_bits(*raw);
    return answer_exception(*raw);
  }
}

}  // namespace asyncd::detail

#endif  // ASYNCD_ASYNC_HPP
