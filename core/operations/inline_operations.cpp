#include "core/operations/inline_operations.h"

#include <algorithm>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "core/operations/serial_gate.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

constexpr Duration longest_slice = std::chrono::milliseconds(100);

}  // namespace

struct InlineOperations::Upstream : asyncd_stream {
  Socket socket;
};

struct InlineOperations::NameLookup final : Lookup {
  using Lookup::Lookup;

  void on_end() noexcept override {
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_one();
  }
  bool wait(Duration longest) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, longest, [this] { return ended; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
};

std::int32_t InlineOperations::submit(AsyncCall& call, asyncd_op& op) noexcept {
  if (!check(call, op)) return 0;
  op_ends_ = op.timeout == 0 ? never : after(Clock::now(), Duration(op.timeout));
  // A serial handler's other hooks may run while this one waits, as they do on event loops.
  SerialGate* const gate = call.session->service().gate;
  if (gate != nullptr) gate->hooks().unlock();
  sender_.on_wait();
  try {
    perform(call, op);
  } catch (const std::bad_alloc&) {
    fail(op, 0);
  }
  sender_.on_wait_over();
  if (gate != nullptr) gate->hooks().lock();
  return 0;
}

void InlineOperations::perform(AsyncCall& call, asyncd_op& op) {
  switch (op.kind) {
    case ASYNCD_OP_SLEEP:
      return sleep(call, op);
    case ASYNCD_OP_EXTERNAL:
      return wait_for_post(call, op);
    case ASYNCD_OP_OFFLOAD:
      return work(call, op);
    case ASYNCD_OP_CONNECT:
      return connect(call, op);
    case ASYNCD_OP_CLOSE:
      drop_stream(call, op.stream);
      op.result = ASYNCD_OK;
      return;
    case ASYNCD_OP_FLUSH:
      return flush(call, op);
    default:
      return transfer(call, op);
  }
}

void InlineOperations::work(AsyncCall& call, asyncd_op& op) {
  call.working = true;
  try {
    op.work(op.work_context);
    op.result = ASYNCD_OK;
  } catch (...) {
    call.broken = true;
  }
  call.working = false;
}

// Whether the operation ends before it is done, with its result then.
bool InlineOperations::interrupted(AsyncCall& call, asyncd_op& op) {
  sender_.on_slice(call.owner.driver);
  const Instant now = Clock::now();
  call.timed_out = call.timed_out || now >= call.deadline;
  if (stop_flag_.stopping())
    call.cancelled_by = CloseReason::stopped;
  else if (client_ != no_socket && is_gone(client_))
    call.cancelled_by = CloseReason::client_reset;
  else if (sender_.is_over_memory(call.owner.driver))
    call.cancelled_by = CloseReason::memory_limit;
  call.cancelled = call.cancelled || call.timed_out || call.cancelled_by != CloseReason::none;
  op.error = 0;
  if (call.cancelled) {
    op.result = ASYNCD_CANCELLED;
    return true;
  }
  if (now >= op_ends_) {
    op.result = ASYNCD_TIMED_OUT;
    return true;
  }
  return false;
}

Duration InlineOperations::slice(const AsyncCall& call) const {
  const Instant end = std::min(op_ends_, call.deadline);
  return end == never ? longest_slice
                      : std::clamp<Duration>(end - Clock::now(), std::chrono::milliseconds(1),
                                             longest_slice);
}

// Returns earlier if the client has gone.
void InlineOperations::wait_for_client(Duration longest) const {
  if (client_ == no_socket)
    std::this_thread::sleep_for(longest);
  else
    wait_ready(client_, false, false, longest);
}

void InlineOperations::sleep(AsyncCall& call, asyncd_op& op) {
  while (Clock::now() < op_ends_ && op.timeout != 0) {
    if (interrupted(call, op)) break;
    wait_for_client(slice(call));
  }
  if (!call.cancelled) op.result = ASYNCD_OK;
}

void InlineOperations::wait_for_post(AsyncCall& call, asyncd_op& op) {
  {
    const std::lock_guard lock(mutex_);
    posted_handle_ = 0;
  }
  op.result = ASYNCD_OK;
  switch (completions().wait(op.ticket, &call, op)) {
    case CompletionHandles::Answer::posted:
      return;
    case CompletionHandles::Answer::refused:
      return fail(op, 0);
    case CompletionHandles::Answer::waits:
      break;
  }
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      posted_.wait_for(lock, slice(call), [&] { return posted_handle_ == op.ticket; });
      if (posted_handle_ == op.ticket) break;
    }
    if (!interrupted(call, op)) continue;
    // It may have been posted just now; then it has not ended otherwise.
    if (completions().take_waiting(op.ticket) != nullptr) return;
    break;
  }
  op.result = ASYNCD_OK;
}

void InlineOperations::on_posted(std::uint64_t handle, asyncd_op&) noexcept {
  const std::lock_guard lock(mutex_);
  posted_handle_ = handle;
  posted_.notify_one();
}

void InlineOperations::connect(AsyncCall& call, asyncd_op& op) {
  Address address;
  if (!read_address(op, address)) return;
  auto stream = std::make_unique<Upstream>();
  for (const Endpoint& endpoint : look_up(call, op, std::move(address))) {
    if (interrupted(call, op)) return;
    if (!try_connect(call, op, endpoint, stream->socket)) continue;
    op.stream = stream.get();
    add_stream(call, std::move(stream));
    op.result = ASYNCD_OK;
    op.error = 0;
    return;
  }
}

// Nothing, where there is no such name, or the operation has ended meanwhile.
std::vector<Endpoint> InlineOperations::look_up(AsyncCall& call, asyncd_op& op, Address address) {
  if (is_numeric(address)) {
    Result<std::vector<Endpoint>> endpoints = resolve(address);
    return endpoints ? std::move(*endpoints) : std::vector<Endpoint>();
  }
  const auto lookup = std::make_shared<NameLookup>(std::move(address));
  if (!Lookup::begin(lookup)) return {};
  while (!lookup->wait(slice(call))) {
    if (!interrupted(call, op)) continue;
    lookup->forget();
    return {};
  }
  return std::move(lookup->endpoints);
}

bool InlineOperations::try_connect(AsyncCall& call, asyncd_op& op, const Endpoint& endpoint,
                                   Socket& socket) {
  int error = 0;
  socket = begin_connect(endpoint, error);
  while (socket) {
    const Ready ready = wait_ready(socket.handle(), false, true, slice(call));
    error = connect_error(socket.handle());
    if (error != 0) break;
    if (ready.writable) return true;
    if (interrupted(call, op)) return false;
  }
  fail(op, error);
  return false;
}

void InlineOperations::transfer(AsyncCall& call, asyncd_op& op) {
  const bool reads = op.kind == ASYNCD_OP_READ;
  const NativeSocket socket = static_cast<Upstream*>(op.stream)->socket.handle();
  while (!(reads ? read_upstream(op, socket) : write_upstream(op, socket))) {
    if (interrupted(call, op)) return;
    wait_ready(socket, reads, !reads, slice(call));
  }
}

void InlineOperations::flush(AsyncCall& call, asyncd_op& op) {
  const Session& session = *call.session;
  sender_.begin_sending(call.owner.driver);
  do {
    const CloseReason over = sender_.send_output(call.owner.driver);
    if (over != CloseReason::none) call.cancelled_by = over;
    if (interrupted(call, op)) return;
  } while (session.unsent() > session.service().limits.output_low_water);
  op.result = ASYNCD_OK;
}

bool InlineOperations::enter(AsyncCall& call) {
  SerialGate* const gate = call.session->service().gate;
  if (gate == nullptr) return true;
  asyncd_op op{};
  try {
    op.ticket = add_handle(call);
    call.entered = gate->enter(op.ticket);
  } catch (const std::bad_alloc&) {
    call.no_memory = true;
    return false;
  }
  if (call.entered) return true;
  op_ends_ = never;
  sender_.on_wait();
  wait_for_post(call, op);
  sender_.on_wait_over();
  call.entered = op.result == ASYNCD_OK;
  if (!call.entered) gate->give_up(op.ticket);
  return call.entered;
}

void InlineOperations::release(AsyncCall& call) noexcept {
  BasicOperations::release(call);
  call.ended = Clock::now();
}

}  // namespace asyncd
