#include "cmd/handler_check/simulated_operations.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "cmd/handler_check/counted_memory.h"
#include "core/operations/serial_gate.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

constexpr std::chrono::seconds thread_patience(2);  // with other threads of the handler

int number_of(std::errc error) { return static_cast<int>(error); }

}  // namespace

std::string SimulatedOperations::leak() const {
  if (stranded_) return "a call was left waiting for nothing, and is never finished";
  return kept_pieces_ == 0 ? "" : "memory of a call was not released by its end";
}

std::int32_t SimulatedOperations::submit(AsyncCall& call, asyncd_op& op) noexcept {
  if (!check(call, op)) return 0;
  if (std::any_of(pending_.begin(), pending_.end(),
                  [&](const Pending& each) { return each.op == &op; })) {
    call.broken = true;
    return ASYNCD_PENDING;  // as it is
  }
  const bool at_once =
      op.kind == ASYNCD_OP_CLOSE || (op.kind == ASYNCD_OP_SLEEP && op.timeout == 0);
  const bool quick =
      op.kind != ASYNCD_OP_FLUSH && op.kind != ASYNCD_OP_OFFLOAD && chance_.below(8) == 0;
  if (!deferred_ || at_once || quick) {
    decide(call, op);
    return 0;
  }
  if (op.kind == ASYNCD_OP_READ) op.stream->reading = &op;
  if (op.kind == ASYNCD_OP_WRITE) op.stream->writing = &op;
  ++call.operations;
  pending_.push_back({&call, &op, false});
  return ASYNCD_PENDING;
}

void SimulatedOperations::decide(AsyncCall& call, asyncd_op& op) {
  op.result = ASYNCD_OK;
  switch (op.kind) {
    case ASYNCD_OP_EXTERNAL:
      return wait_for_post(call, op);
    case ASYNCD_OP_OFFLOAD:
      try {
        op.work(op.work_context);
      } catch (...) {
        call.broken = true;
      }
      return;
    case ASYNCD_OP_CONNECT:
      return connect(call, op);
    case ASYNCD_OP_READ:
      return read(op);
    case ASYNCD_OP_WRITE:
      return write(op);
    case ASYNCD_OP_CLOSE:
      return drop_stream(call, op.stream);
    case ASYNCD_OP_FLUSH:
      return driver_of(call).send_output();
    default:
      return;
  }
}

void SimulatedOperations::connect(AsyncCall& call, asyncd_op& op) {
  Address address;
  if (!read_address(op, address)) return;
  const std::size_t outcome = chance_.below(4);
  if (outcome == 0) return fail(op, number_of(std::errc::connection_refused));
  if (outcome == 1 && op.timeout != 0) return void(op.result = ASYNCD_TIMED_OUT);
  auto stream = std::make_unique<asyncd_stream>();
  op.stream = stream.get();
  add_stream(call, std::move(stream));
}

void SimulatedOperations::read(asyncd_op& op) {
  const std::size_t outcome = chance_.below(8);
  if (outcome == 0) return void(op.result = ASYNCD_END);
  if (outcome == 1) return fail(op, number_of(std::errc::connection_reset));
  if (outcome == 2 && op.timeout != 0) return void(op.result = ASYNCD_TIMED_OUT);
  std::string bytes = chance_.next();
  if (chance_.below(2) == 0) bytes += "\r\n";
  if (bytes.empty()) bytes = "\n";
  op.transferred = bytes.copy(op.data, static_cast<std::size_t>(op.data_size));
}

void SimulatedOperations::write(asyncd_op& op) {
  op.transferred = op.data_size;
  if (chance_.below(8) != 0) return;
  op.transferred = chance_.below(static_cast<std::size_t>(op.data_size) + 1);
  fail(op, number_of(std::errc::connection_reset));
}

// A thread posts it soon, or it ends as by its timeout.
void SimulatedOperations::wait_for_post(const AsyncCall& call, asyncd_op& op) {
  const CompletionHandles::Answer answer = completions().wait(op.ticket, &call, op);
  if (answer == CompletionHandles::Answer::refused) return fail(op, 0);
  if (answer == CompletionHandles::Answer::posted) return;
  std::unique_lock lock(mutex_);
  const bool posted =
      condition_.wait_for(lock, thread_patience, [&] { return posted_ == op.ticket; });
  lock.unlock();
  const bool late = completions().take_waiting(op.ticket) == nullptr;
  if (!posted && !late) op.result = op.timeout == 0 ? ASYNCD_CANCELLED : ASYNCD_TIMED_OUT;
}

void SimulatedOperations::on_posted(std::uint64_t handle, asyncd_op&) noexcept {
  const std::lock_guard lock(mutex_);
  posted_ = handle;
  condition_.notify_all();
}

// A flush ends when its session says so.
bool SimulatedOperations::may_end(const Pending& pending) {
  return pending.decided || pending.op->kind != ASYNCD_OP_FLUSH;
}

bool SimulatedOperations::run() {
  const auto able =
      static_cast<std::size_t>(std::count_if(pending_.begin(), pending_.end(), may_end));
  if (able == 0) return false;
  auto chosen = std::find_if(pending_.begin(), pending_.end(), may_end);
  for (std::size_t skipped = chance_.below(able); skipped > 0; --skipped)
    chosen = std::find_if(chosen + 1, pending_.end(), may_end);
  const Pending ended = *chosen;
  pending_.erase(chosen);
  tell(ended);
  return true;
}

void SimulatedOperations::tell(Pending ended) {
  AsyncCall& call = *ended.call;
  asyncd_op& op = *ended.op;
  if (op.kind == ASYNCD_OP_READ) op.stream->reading = nullptr;
  if (op.kind == ASYNCD_OP_WRITE) op.stream->writing = nullptr;
  if (!ended.decided) decide(call, op);
  if (call.flush == &op) call.flush = nullptr;
  --call.operations;
  try {
    op.done(op.context, &op);
  } catch (...) {
    call.broken = true;
  }
  if (call.state == AsyncCall::State::pending && call.operations == 0) {
    stranded_ = call.broken = true;
    call.state = AsyncCall::State::finished;
  }
  driver_of(call).work();
}

// Only one client at a time speaks to a serial handler here.
bool SimulatedOperations::enter(AsyncCall& call) {
  SerialGate* const gate = call.session->service().gate;
  if (gate == nullptr) return true;
  return call.entered = gate->enter(add_handle(call));
}

void SimulatedOperations::end_flush(AsyncCall& call, std::int32_t result) noexcept {
  for (Pending& each : pending_)
    if (each.op == call.flush) {
      each.decided = true;
      each.op->result = result;
    }
}

void SimulatedOperations::cancel(AsyncCall& call) noexcept {
  for (Pending& each : pending_) {
    if (each.call != &call || each.decided || each.op->kind == ASYNCD_OP_OFFLOAD) continue;
    if (each.op->kind == ASYNCD_OP_EXTERNAL) completions().take_waiting(each.op->ticket);
    each.decided = true;
    each.op->result = ASYNCD_CANCELLED;
  }
}

void SimulatedOperations::release(AsyncCall& call) noexcept {
  kept_pieces_ += take_pieces(call);
  BasicOperations::release(call);
}

}  // namespace asyncd
