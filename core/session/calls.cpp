#include "core/session/calls.h"

#include <algorithm>
#include <new>
#include <string>

#include "core/session/observer.h"
#include "core/session/reply_parts.h"

namespace asyncd {

namespace {

using Then = CallEffect::Then;

bool is_answer(std::int32_t outcome) {
  return outcome == ASYNCD_REPLY || outcome == ASYNCD_NO_REPLY || outcome == ASYNCD_ERROR;
}

// Whether what the client would get is an error.
bool refuses(std::int32_t outcome) { return outcome != ASYNCD_REPLY && outcome != ASYNCD_NO_REPLY; }

}  // namespace

Calls::Calls(const Service& service, Output& output, void* worker, const ConnectionInfo& info,
             const CallOwner& owner, HookMark* mark)
    : service_(service),
      output_(output),
      queue_(service, output.pool(), owner),
      handler_(service, worker, info, mark),
      defers_(service.asynchronous() && owner.operations != nullptr && owner.operations->defers()) {
}

CallEffect Calls::call(std::string_view message, Session& session, Instant& now, bool& streamed) {
  return service_.asynchronous() ? call_inline(message, session, now, streamed)
                                 : call_at_once(message, session);
}

CallEffect Calls::call_at_once(std::string_view message, Session& session) {
  Call call{};
  handler_.prepare(call, message, session);
  output_.open_window(call);
  const std::int32_t outcome = handler_.call(call);
  // The handler can only take it for a limit, so what it says about it must not reach the client.
  if (call.no_memory) throw std::bad_alloc();
  return answer(call, outcome);
}

// The thread waits with the call.
CallEffect Calls::call_inline(std::string_view message, Session& session, Instant& now,
                              bool& streamed) {
  AsyncCall call(output_.pool());
  handler_.prepare(call, message, session);
  call.owner = queue_.owner();
  call.deadline = after(now, service_.limits.call_timeout);
  output_.open_window(call);
  Operations* const operations = call.owner.operations;
  std::int32_t outcome = ASYNCD_NO_REPLY;
  if (operations == nullptr || operations->enter(call)) outcome = handler_.call(call);
  if (operations != nullptr) operations->release(call);
  now = std::max(now, call.ended);
  streamed = call.streamed;
  if (call.no_memory) throw std::bad_alloc();
  if (call.cancelled_by == CloseReason::memory_limit && !call.streamed)
    return {Then::close_for_memory, call.cancelled_by};
  if (call.cancelled_by != CloseReason::none) return {Then::cut, call.cancelled_by};
  if (const auto effect = end_without_reply(call, call.broken, outcome)) return *effect;
  return answer(call, outcome);
}

// The message is the session's only until it returns, and the reply is not the only one, so the
// call has memory of its own.
void Calls::begin(std::string_view message, Session& session, Instant now) {
  const auto [call, copy] = queue_.add(message);
  handler_.prepare(call, copy, session);
  call.deadline = after(now, service_.limits.call_timeout);
  try {
    if (call.owner.operations->enter(call)) return run(call);
    call.state = AsyncCall::State::pending;
  } catch (const std::bad_alloc&) {  // it could not even wait for its turn, and must not stay
    call.no_memory = true;
    call.state = AsyncCall::State::finished;
  }
}

// Within an operation's end, so the session gets its turn afterwards.
void Calls::on_entered(AsyncCall& call) {
  call.state = AsyncCall::State::running;
  if (!call.cancelled) return run(call);
  call.outcome = ASYNCD_NO_REPLY;
  call.state = AsyncCall::State::finished;
}

void Calls::run(AsyncCall& call) {
  const std::int32_t outcome = handler_.call(call);
  call.broken = call.broken || (outcome == ASYNCD_PENDING) != (call.operations != 0);
  call.outcome = outcome;
  if (call.operations == 0) {
    call.state = AsyncCall::State::finished;
    return;
  }
  call.state = AsyncCall::State::pending;
  if (call.broken) queue_.cancel(call);
}

CallEffect Calls::deliver_first() {
  AsyncCall& call = *queue_.first_ended();
  const CallEffect effect = deliver(call);
  if (observer_ != nullptr) observer_->on_answered();
  queue_.remove(call);
  return effect;
}

CallEffect Calls::deliver(AsyncCall& call) {
  if (call.no_memory) throw std::bad_alloc();
  const bool broken = call.broken || !call.holds_own_window();
  if (const auto effect = end_without_reply(call, broken, call.outcome)) return *effect;
  Call reply{};
  reply.flags = call.flags;
  reply.reply_refused = call.reply_refused;
  reply.reply_size = call.reply_size;
  reply.window_size = call.reply_size;
  output_.open_window(reply);
  std::copy_n(call.window, call.reply_size, reply.window);
  return answer(reply, call.outcome);
}

// Ends a call whose handler has broken its contract or whose time is over. Nothing: its
// reply may be sent. An error after a part of a reply would be taken for the rest of it.
std::optional<CallEffect> Calls::end_without_reply(const AsyncCall& call, bool broken,
                                                   std::int32_t outcome) {
  if (call.streamed && (broken || call.timed_out || refuses(outcome)))
    return CallEffect{Then::break_off, CloseReason::handler_failed};
  if (broken) return fail();
  if (!call.timed_out) return std::nullopt;
  output_.write_error("timed out");
  return CallEffect{};
}

// The reply lies in the output's window.
CallEffect Calls::answer(const Call& call, std::int32_t outcome) {
  if (!output_.holds(call) || !is_answer(outcome)) return fail();
  const std::uint64_t limit = output_.reply_limit();
  if (outcome == ASYNCD_REPLY && call.reply_size <= limit) {
    output_.commit_reply(call.reply_size);
  } else if (outcome == ASYNCD_ERROR && call.reply_size != 0) {
    const std::uint64_t most = std::max<std::uint64_t>(limit, least_window);
    const auto size = static_cast<std::size_t>(std::min(call.reply_size, most));
    output_.write_error(std::string(call.window, size));
  } else if (outcome == ASYNCD_REPLY || (outcome == ASYNCD_ERROR && call.reply_refused)) {
    output_.write_error("reply too long (limit " + std::to_string(limit) + " bytes)");
  } else if (outcome == ASYNCD_ERROR) {
    output_.write_error("refused by the handler");
  }
  if ((call.flags & ASYNCD_CLOSE) != 0) return {Then::close, CloseReason::handler_closed};
  return {};
}

// Nothing that the handler keeps for this connection can be relied on.
CallEffect Calls::fail() {
  output_.write_error("handler failed");
  return {Then::close, CloseReason::handler_failed};
}

bool Calls::reserve_reply(Call& call, std::uint64_t bytes) noexcept {
  AsyncCall* const deferred = service_.asynchronous() && static_cast<AsyncCall&>(call).deferred
                                  ? static_cast<AsyncCall*>(&call)
                                  : nullptr;
  const std::size_t room =
      deferred != nullptr ? deferred->own_window().size() : output_.window().size();
  if (bytes <= room) return true;
  if (bytes > output_.reply_limit() || call.reply_size > room) {
    call.reply_refused = true;
    return false;
  }
  try {
    if (deferred != nullptr)
      queue_.enlarge_window(*deferred, bytes);
    else
      output_.enlarge_window(call, bytes);
  } catch (const std::bad_alloc&) {
    call.no_memory = true;
  }
  return !call.no_memory;
}

std::int32_t Calls::submit(AsyncCall& call, asyncd_op& op) noexcept {
  try {
    if (observer_ != nullptr) observer_->on_operation(op.kind);
    if (!call.deferred && !output_.empty()) send_before_blocking(output_, call);
    if (op.kind == ASYNCD_OP_FLUSH) return flush(output_, queue_, call, op);
    return call.owner.operations->submit(call, op);
  } catch (const std::bad_alloc&) {
    call.no_memory = true;
    op.result = ASYNCD_FAILED;
    return 0;
  }
}

void Calls::end(AsyncCall& call, std::int32_t outcome) noexcept {
  if (call.state != AsyncCall::State::pending || outcome == ASYNCD_PENDING) {
    call.broken = true;
    return;
  }
  call.outcome = outcome;
  if (call.operations != 0) {
    call.broken = true;
    queue_.cancel(call);
  } else {
    call.state = AsyncCall::State::finished;
  }
}

}  // namespace asyncd
