#include "core/operations/basic_operations.h"

#include <new>

#include "core/operations/serial_gate.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

bool is_possible(const AsyncCall& call, const asyncd_op& op) {
  switch (op.kind) {
    case ASYNCD_OP_OFFLOAD:
      return op.work != nullptr;
    case ASYNCD_OP_READ:
      return owns(call, op.stream) && op.stream->reading == nullptr && op.data != nullptr &&
             op.data_size != 0;
    case ASYNCD_OP_WRITE:
      return owns(call, op.stream) && op.stream->writing == nullptr &&
             (op.data != nullptr || op.data_size == 0);
    case ASYNCD_OP_CLOSE:
      return owns(call, op.stream) && op.stream->reading == nullptr &&
             op.stream->writing == nullptr;
    default:
      return true;
  }
}

}  // namespace

bool BasicOperations::check(AsyncCall& call, const asyncd_op& op) const {
  const bool can_be_told = op.done != nullptr || !defers();
  if (can_be_told && is_possible(call, op)) return true;
  call.broken = true;
  return false;
}

std::uint64_t BasicOperations::add_handle(AsyncCall& call) {
  return call.ticket = completions_.open(*this, &call, call.ticket);
}

std::uint64_t BasicOperations::open_ticket(AsyncCall& call) noexcept {
  try {
    return add_handle(call);
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

void BasicOperations::release(AsyncCall& call) noexcept {
  while (call.streams != nullptr) drop_stream(call, call.streams);
  if (call.ticket != 0) completions_.close_all(call.ticket);
  if (call.entered) call.session->service().gate->leave();
}

}  // namespace asyncd
