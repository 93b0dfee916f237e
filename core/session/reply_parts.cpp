#include "core/session/reply_parts.h"

#include <algorithm>
#include <new>
#include <string>

namespace asyncd {

namespace {

// Once its output has moved. Without memory there is no window, rather than one that is not the
// handler's any more.
void reopen_window(Output& output, AsyncCall& call) {
  try {
    output.open_window(call);
  } catch (const std::bad_alloc&) {
    call.window = nullptr;
    call.window_size = call.reply_size = 0;
    throw;
  }
}

// Runs `send`, which moves output. What the call has of its own reply lies behind it, and moves,
// too. False: what the call says of its window cannot be true, and nothing is sent.
template <class Send>
bool keep_window(Output& output, AsyncCall& call, Send send) {
  if (!output.holds(call)) return false;
  const std::string begun(call.window, static_cast<std::size_t>(call.reply_size));
  send();
  call.window_size = std::max<std::uint64_t>(call.window_size, begun.size());
  reopen_window(output, call);
  begun.copy(call.window, begun.size());
  return true;
}

// False: what the call says of its window cannot be true.
bool take_part(Output& output, AsyncCall& call) {
  if (!(call.deferred ? call.holds_own_window() : output.holds(call))) {
    call.broken = true;
    return false;
  }
  const auto size = static_cast<std::size_t>(call.reply_size);
  if (call.deferred)
    output.append_part({call.window, size});
  else
    output.commit_part(size);
  call.reply_size = 0;
  call.streamed = call.streamed || size != 0;
  return true;
}

std::int32_t failed(asyncd_op& op) {
  op.result = ASYNCD_FAILED;
  return 0;
}

std::int32_t flush_inline(Output& output, AsyncCall& call, asyncd_op& op) {
  const auto wait = [&] { call.owner.operations->submit(call, op); };
  const bool waits_first = output.is_full();
  if (waits_first) call.broken = !keep_window(output, call, wait) || call.broken;
  if (op.result != ASYNCD_OK) return 0;
  if (!take_part(output, call)) return failed(op);
  if (!waits_first) wait();
  reopen_window(output, call);
  return 0;
}

std::int32_t flush_deferred(Output& output, const CallQueue& calls, AsyncCall& call,
                            asyncd_op& op) {
  if (call.flush != nullptr) return failed(op);
  const bool goes = calls.first() == &call && !output.is_full();
  if (goes && !take_part(output, call)) return failed(op);
  if (goes && output.is_low()) return 0;
  const std::int32_t answer = call.owner.operations->submit(call, op);
  if (answer == ASYNCD_PENDING) call.flush = &op;
  return answer;
}

}  // namespace

std::int32_t flush(Output& output, const CallQueue& calls, AsyncCall& call, asyncd_op& op) {
  op.result = ASYNCD_OK;
  if (!output.takes_parts()) return 0;
  return call.deferred ? flush_deferred(output, calls, call, op) : flush_inline(output, call, op);
}

void continue_flush(Output& output, const CallQueue& calls) {
  if (calls.empty() || calls.first()->flush == nullptr) return;
  AsyncCall& call = *calls.first();
  if (call.reply_size != 0) {
    if (output.is_full()) return;
    if (!take_part(output, call)) return call.owner.operations->end_flush(call, ASYNCD_FAILED);
  }
  if (output.is_low()) call.owner.operations->end_flush(call, ASYNCD_OK);
}

void send_before_blocking(Output& output, AsyncCall& call) {
  keep_window(output, call, [&] { call.owner.operations->send_output(call); });
}

}  // namespace asyncd
