// The calls of asynchronous handlers: how they begin, wait, end, and are answered in the order of
// their messages.
#include <algorithm>
#include <bit>
#include <new>
#include <string>

#include "core/session/async_call.h"
#include "core/session/observer.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

// Whether what the client would get is an error.
bool refuses(int32_t outcome) { return outcome != ASYNCD_REPLY && outcome != ASYNCD_NO_REPLY; }

}  // namespace

// Of each call: itself with its message, and a window that has grown.
std::uint64_t most_in_calls(const Service& service) {
  if (!service.asynchronous()) return 0;
  const Limits& limits = service.limits;
  const std::uint64_t call = std::bit_ceil(sizeof(AsyncCall) + limits.max_message + least_window);
  return limits.max_in_flight *
         (call + std::bit_ceil(std::max<std::uint64_t>(limits.max_reply, least_window)));
}

std::uint64_t Session::count_calls() const { return queue_->in_flight; }
std::uint64_t Session::held_by_calls() const { return queue_ == nullptr ? 0 : queue_->bytes; }

void Session::call_async(std::string_view message) {
  const Operations* operations = queue_->owner.operations;
  const bool defers = operations != nullptr && operations->defers();
  if (defers)
    call_deferred(message);
  else
    call_inline(message);
  if (!defers && observer_ != nullptr) observer_->on_answered();
}

// As any other call: the thread waits with it.
void Session::call_inline(std::string_view message) {
  AsyncCall call(pool());
  begin(call, message);
  call.owner = queue_->owner;
  call.deadline = after(queue_->now, service_.limits.call_timeout);
  open_reply(call);
  int32_t outcome = ASYNCD_NO_REPLY;
  if (call.owner.operations == nullptr || call.owner.operations->enter(call))
    outcome = invoke(call);
  if (call.owner.operations != nullptr) call.owner.operations->release(call);
  queue_->now = std::max(queue_->now, call.ended);
  if (call.streamed) writing_since_ = queue_->now;
  if (call.no_memory) throw std::bad_alloc();
  if (call.cancelled_by == CloseReason::memory_limit && !call.streamed)
    return refuse_memory(held());
  if (call.cancelled_by != CloseReason::none) return finish(call.cancelled_by);
  if (call.streamed && (call.broken || call.timed_out || refuses(outcome))) return break_off();
  if (call.broken) return fail_handler();
  if (call.timed_out) return send_error("timed out");
  finish_call(call, outcome);
}

// The message is the session's only until it returns, and the reply is not the only one: this call
// has its own.
AsyncCall& Session::add_call(std::string_view message) {
  static_assert(sizeof(AsyncCall) + least_window <= 512 - 16,
                "a short message no longer fits half a KiB");
  const std::size_t head = sizeof(AsyncCall) + message.size();
  const BufferPool::Block block = pool().acquire(head + least_window);
  AsyncCall& call = *::new (block.data) AsyncCall(pool());
  call.block = block;
  call.deferred = true;
  call.first_window = block.capacity - head;
  char* const copy = block.data + sizeof(AsyncCall);
  message.copy(copy, message.size());
  begin(call, {copy, message.size()});
  call.window = call.own_window().data();
  call.window_size = call.first_window;
  call.owner = queue_->owner;
  call.deadline = after(queue_->now, service_.limits.call_timeout);
  (queue_->last == nullptr ? queue_->first : queue_->last->next) = &call;
  queue_->last = &call;
  queue_->bytes += block.capacity;
  ++queue_->in_flight;
  return call;
}

void Session::call_deferred(std::string_view message) {
  AsyncCall& call = add_call(message);
  try {
    if (!call.owner.operations->enter(call)) {
      call.state = AsyncCall::State::pending;
      return;
    }
    begin_call(call);
  } catch (
      const std::bad_alloc&) {  // it could not even wait for its turn, and must not stay for ever
    call.no_memory = true;
    call.state = AsyncCall::State::finished;
  }
  deliver_calls();
}

// In an operation's end, so the session gets its turn afterwards.
void Session::on_entered(AsyncCall& call) {
  call.state = AsyncCall::State::running;
  if (!call.cancelled) return begin_call(call);
  call.outcome = ASYNCD_NO_REPLY;
  call.state = AsyncCall::State::finished;
}

void Session::begin_call(AsyncCall& call) {
  const int32_t outcome = invoke(call);
  call.broken = call.broken || (outcome == ASYNCD_PENDING) != (call.operations != 0);
  call.outcome = outcome;
  if (call.operations != 0) {
    call.state = AsyncCall::State::pending;
    if (call.broken) cancel(call);
  } else {
    call.state = AsyncCall::State::finished;
  }
}

// Answers those at the front that have ended. Once nothing is to be answered any more, they are
// only forgotten.
void Session::deliver_calls() {
  if (state_ == State::open) go_on_flushing();
  while (queue_->first != nullptr && queue_->first->state == AsyncCall::State::finished &&
         state_ == State::open) {
    if (output_is_full()) break;
    AsyncCall& call = *queue_->first;
    deliver(call);
    if (observer_ != nullptr) observer_->on_answered();
    end_call(call);
    go_on_flushing();
  }
  if (state_ != State::open) forget_calls();
}

void Session::deliver(AsyncCall& call) {
  if (call.no_memory) throw std::bad_alloc();
  const std::span<char> own = call.own_window();
  const bool broken = call.broken || call.window != own.data() || call.reply_size > own.size();
  if (call.streamed && (broken || call.timed_out || refuses(call.outcome))) return break_off();
  if (broken) return fail_handler();
  if (call.timed_out) return send_error("timed out");
  Call reply{};
  reply.session = this;
  reply.flags = call.flags;
  reply.reply_refused = call.reply_refused;
  reply.reply_size = call.reply_size;
  reply.window_size = call.reply_size;
  open_reply(reply);
  std::copy_n(own.data(), call.reply_size, reply.window);
  finish_call(reply, call.outcome);
}

void Session::forget_calls() {
  if (queue_ == nullptr) return;
  for (AsyncCall* call = queue_->first; call != nullptr;) {
    AsyncCall* const next = call->next;
    if (call->state == AsyncCall::State::finished) end_call(*call);
    call = next;
  }
}

void Session::end_call(AsyncCall& call) {
  AsyncCall* before = nullptr;
  for (AsyncCall* other = queue_->first; other != &call; other = other->next) before = other;
  (before == nullptr ? queue_->first : before->next) = call.next;
  if (queue_->last == &call) queue_->last = before;
  --queue_->in_flight;
  queue_->bytes -= call.block.capacity + call.larger.capacity();
  call.owner.operations->release(call);
  const BufferPool::Block block = call.block;
  call.~AsyncCall();
  pool().release(block);
}

void Session::cancel_calls() {
  for (AsyncCall* call = queue_->first; call != nullptr; call = call->next)
    if (call->state == AsyncCall::State::pending) cancel(*call);
}

void Session::cancel(AsyncCall& call) {
  if (call.cancelled) return;
  call.cancelled = true;
  const bool begun = service_.gate == nullptr || call.entered;  // else the handler has not seen it
  if (begun) call_quietly(service_.hooks->cancel, service_.self, &call);
  call.owner.operations->cancel(call);
}

Instant Session::call_deadline() const {
  Instant soonest = never;
  for (const AsyncCall* call = queue_->first; call != nullptr; call = call->next)
    if (call->state == AsyncCall::State::pending && !call->cancelled)
      soonest = std::min(soonest, call->deadline);
  return soonest;
}

void Session::expire_calls(Instant now) {
  for (AsyncCall* call = queue_->first; call != nullptr; call = call->next) {
    if (call->state != AsyncCall::State::pending || call->cancelled || now < call->deadline)
      continue;
    call->timed_out = true;
    cancel(*call);
  }
}

// Whether the next message has to wait for those before it.
bool Session::hold_messages() {
  const bool all_taken = counters_.messages_received >= service_.limits.messages_per_connection;
  queue_->held = all_taken || queue_->in_flight >= queue_->most;
  return queue_->held;
}

// While messages wait for calls, input is taken all the same, as long as it is little: it tells
// that the client has gone.
bool Session::holds_input() const {
  const std::uint64_t enough = service_.framer->goes_by_reads() ? 0 : service_.limits.max_message;
  return queue_ != nullptr && queue_->held && rest_.size() > enough;
}

bool Session::waits_for_output() const {
  if (queue_ == nullptr || queue_->first == nullptr) return false;
  return queue_->first->flush != nullptr || queue_->first->state == AsyncCall::State::finished;
}

// Of the reply that is next, a part has gone already.
bool Session::begun_reply() const { return queue_->first != nullptr && queue_->first->streamed; }

// Earlier replies must not wait with this call.
void Session::send_before_blocking(AsyncCall& call) {
  keep_window(call, [&] { call.owner.operations->send_output(call); });
}

// While output moves: what the call has of its own reply lies behind it, and moves, too. False: it
// is not there.
template <class Send>
bool Session::keep_window(AsyncCall& call, Send send) {
  const std::span<char> its_window = window();
  if (call.window != its_window.data() || call.reply_size > its_window.size()) return false;
  const std::string begun(its_window.data(), static_cast<std::size_t>(call.reply_size));
  send();
  call.window_size = std::max<std::uint64_t>(call.window_size, begun.size());
  reopen_reply(call);
  begun.copy(call.window, begun.size());
  return true;
}

// Once its output has moved. Without memory there is no window, rather than one that is not the
// handler's any more.
void Session::reopen_reply(AsyncCall& call) {
  try {
    open_reply(call);
  } catch (const std::bad_alloc&) {
    call.window = nullptr;
    call.window_size = call.reply_size = 0;
    throw;
  }
}

// A part of the reply. Replies are sent in order, so that of a later call waits for its turn; and
// like any reply it waits while there is too much to be sent already.
int32_t Session::flush(AsyncCall& call, asyncd_op& op) {
  op.result = ASYNCD_OK;
  if (service_.framer->prefix_size() != 0) return 0;
  if (!call.deferred) return flush_inline(call, op);
  const bool goes = queue_->first == &call && !output_is_full();
  if (call.flush != nullptr || (goes && !flush_part(call))) return op.result = ASYNCD_FAILED, 0;
  if (goes && unsent() <= service_.limits.output_low_water) return 0;
  const int32_t answer = call.owner.operations->submit(call, op);
  if (answer == ASYNCD_PENDING) call.flush = &op;
  return answer;
}

int32_t Session::flush_inline(AsyncCall& call, asyncd_op& op) {
  const auto wait = [&] { call.owner.operations->submit(call, op); };
  const bool waits_first = output_is_full();
  if (waits_first) call.broken = !keep_window(call, wait) || call.broken;
  if (op.result != ASYNCD_OK) return 0;
  if (!flush_part(call)) return op.result = ASYNCD_FAILED, 0;
  if (!waits_first) wait();
  reopen_reply(call);
  return 0;
}

// False: what it says of its window cannot be.
bool Session::flush_part(AsyncCall& call) {
  const std::span<char> its_window = call.deferred ? call.own_window() : window();
  if (call.window != its_window.data() || call.reply_size > its_window.size()) {
    call.broken = true;
    return false;
  }
  const auto size = static_cast<std::size_t>(call.reply_size);
  if (size != 0 && !has_output()) began_output_ = true;
  if (call.deferred)
    back_.append({its_window.data(), size});
  else
    back_.commit(size);
  call.reply_size = 0;
  call.streamed = call.streamed || size != 0;
  return true;
}

void Session::go_on_flushing() {
  if (queue_->first == nullptr || queue_->first->flush == nullptr) return;
  AsyncCall& call = *queue_->first;
  if (call.reply_size != 0) {
    if (output_is_full()) return;
    if (!flush_part(call)) return call.owner.operations->end_flush(call, ASYNCD_FAILED);
  }
  if (unsent() <= service_.limits.output_low_water)
    call.owner.operations->end_flush(call, ASYNCD_OK);
}

int32_t Session::reserve_own(AsyncCall& call, uint64_t bytes) {
  const std::span<char> own = call.own_window();
  if (bytes <= own.size()) return 0;
  if (bytes > call.session->reply_limit() || call.reply_size > own.size()) {
    call.reply_refused = true;
    return -1;
  }
  try {
    Buffer larger(call.session->pool());
    std::copy_n(own.data(), call.reply_size, larger.reserve(static_cast<std::size_t>(bytes)));
    call.session->queue_->bytes += larger.capacity() - call.larger.capacity();
    call.larger.swap(larger);
  } catch (const std::bad_alloc&) {
    call.no_memory = true;
    return -1;
  }
  call.window = call.own_window().data();
  call.window_size = call.own_window().size();
  return 0;
}

}  // namespace asyncd
