// What an asynchronous handler may ask of its host.
#include <new>

#include "core/session/async_call.h"
#include "core/session/observer.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

// Null where it may not submit anything.
AsyncCall* async_call(asyncd_call* c_call) {
  if (c_call == nullptr) return nullptr;
  Call& call = *static_cast<Call*>(c_call);
  return call.session->service().asynchronous() ? static_cast<AsyncCall*>(&call) : nullptr;
}

}  // namespace

int32_t session_submit(asyncd_call* c_call, asyncd_op* op) noexcept {
  if (op == nullptr) return 0;
  op->result = ASYNCD_FAILED;
  op->error = 0;
  op->transferred = 0;
  AsyncCall* const call = async_call(c_call);
  if (call == nullptr || call->state == AsyncCall::State::finished ||
      call->owner.operations == nullptr)
    return 0;
  if (call->working || op->size < sizeof(asyncd_op) || op->kind < ASYNCD_OP_SLEEP ||
      op->kind > ASYNCD_OP_FLUSH || op->timeout < 0) {
    call->broken = true;
    return 0;
  }
  if (call->cancelled) return op->result = ASYNCD_CANCELLED, 0;
  try {
    if (SessionObserver* const observer = call->session->observer_)
      observer->on_operation(op->kind);
    if (!call->deferred && call->session->has_output()) call->session->send_before_blocking(*call);
    if (op->kind == ASYNCD_OP_FLUSH) return call->session->flush(*call, *op);
    return call->owner.operations->submit(*call, *op);
  } catch (const std::bad_alloc&) {
    call->no_memory = true;
    return op->result = ASYNCD_FAILED, 0;
  }
}

void session_finish_call(asyncd_call* c_call, int32_t outcome) noexcept {
  AsyncCall* const call = async_call(c_call);
  if (call == nullptr) return;
  if (call->state != AsyncCall::State::pending || outcome == ASYNCD_PENDING) {
    call->broken = true;
    return;
  }
  call->outcome = outcome;
  if (call->operations != 0) {
    call->broken = true;
    call->session->cancel(*call);
  } else {
    call->state = AsyncCall::State::finished;
  }
}

std::uint64_t session_open_ticket(asyncd_call* c_call) noexcept {
  AsyncCall* const call = async_call(c_call);
  return call == nullptr || call->owner.operations == nullptr
             ? 0
             : call->owner.operations->open_ticket(*call);
}

void* session_allocate(asyncd_call* c_call, uint64_t bytes) noexcept {
  AsyncCall* const call = async_call(c_call);
  if (call == nullptr || bytes > Buffer::most_bytes) return nullptr;
  try {
    const BufferPool::Block block = call->session->pool().acquire(static_cast<std::size_t>(bytes));
    call->session->queue_->bytes += block.capacity;
    return block.data;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void session_release(asyncd_call* c_call, void* memory, uint64_t bytes) noexcept {
  AsyncCall* const call = async_call(c_call);
  if (call == nullptr || memory == nullptr || bytes > Buffer::most_bytes) return;
  const std::size_t capacity = BufferPool::capacity_for(static_cast<std::size_t>(bytes));
  call->session->queue_->bytes -= capacity;
  call->session->pool().release({static_cast<char*>(memory), capacity});
}

}  // namespace asyncd
