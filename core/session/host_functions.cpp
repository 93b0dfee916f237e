// What a handler may ask of its host about a call.
#include "core/session/async_call.h"
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

int32_t session_reply_reserve(asyncd_call* c_call, uint64_t bytes) noexcept {
  if (c_call == nullptr) return -1;
  Call& call = *static_cast<Call*>(c_call);
  return call.session->calls().reserve_reply(call, bytes) ? 0 : -1;
}

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
  if (call->cancelled) {
    op->result = ASYNCD_CANCELLED;
    return 0;
  }
  return call->session->calls().submit(*call, *op);
}

void session_finish_call(asyncd_call* c_call, int32_t outcome) noexcept {
  AsyncCall* const call = async_call(c_call);
  if (call != nullptr) call->session->calls().end(*call, outcome);
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
  return call->session->calls().queue().allocate(bytes);
}

void session_release(asyncd_call* c_call, void* memory, uint64_t bytes) noexcept {
  AsyncCall* const call = async_call(c_call);
  if (call == nullptr || memory == nullptr || bytes > Buffer::most_bytes) return;
  call->session->calls().queue().release(memory, bytes);
}

}  // namespace asyncd
