#include "core/io/deferred_operations.h"

#include <cstddef>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "core/io/serial_gate.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

constexpr Duration finest_time = std::chrono::milliseconds(1);
constexpr std::uint32_t most_quick_results = 16;  // then the others have their turn

// From a thread that can wait until there is memory for it.
void post_surely(Reactor& reactor, const std::function<void()>& task) {
  for (;;) {
    try {
      return reactor.post(task);
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace

// What is in an operation's host_words while it is under way.
struct DeferredOperations::Pending : DeadlineWheel::Node {
  explicit Pending(AsyncCall& its_call) : call(&its_call) {}

  AsyncCall* call;
  asyncd_op* next = nullptr;  // of the call's, then of those that have ended
  std::uint64_t job = 0;      // in the offload pool, or the number of a lookup

  static Pending& of(asyncd_op& op) { return *std::launder(reinterpret_cast<Pending*>(op.host_words)); }
  asyncd_op& op() {
    return *reinterpret_cast<asyncd_op*>(reinterpret_cast<char*>(this) - offsetof(asyncd_op, host_words));
  }
};

// The way back for a name's lookup, which may take longer than anybody wants to know, and than the loop lasts.
struct DeferredOperations::Lookup {
  std::mutex mutex;
  DeferredOperations* operations;  // null: gone
};

DeferredOperations::DeferredOperations(Reactor& reactor, OffloadPool& pool)
    : reactor_(reactor), pool_(pool), wheel_(reactor.now(), finest_time), lookups_(std::make_shared<Lookup>()) {
  static_assert(sizeof(Pending) <= sizeof(asyncd_op::host_words));
  lookups_->operations = this;
}

DeferredOperations::~DeferredOperations() {
  const std::lock_guard lock(lookups_->mutex);
  lookups_->operations = nullptr;
}

std::int32_t DeferredOperations::submit(AsyncCall& call, asyncd_op& op) noexcept {
  if (op.done == nullptr) {
    call.broken = true;
    return 0;
  }
  for (asyncd_op* other = call.under_way; other != nullptr; other = Pending::of(*other).next) {
    if (other != &op) continue;
    call.broken = true;
    return ASYNCD_PENDING;  // as it is
  }
  Pending& pending = *::new (op.host_words) Pending(call);
  pending.next = std::exchange(call.under_way, &op);
  ++call.operations;
  bool ended = true;
  try {
    ended = begin(call, op);
  } catch (const std::bad_alloc&) {
    fail(op, 0);
  }
  if (!ended) {
    if (last_ended_ == &op) return ASYNCD_PENDING;  // it has ended meanwhile, and will be told
    if (op.timeout != 0 && wheel_.arm(pending, after(reactor_.now(), Duration(op.timeout)))) schedule(wheel_.next());
    return ASYNCD_PENDING;
  }
  if (++call.quick_results > most_quick_results) {
    on_end(op);
    return ASYNCD_PENDING;
  }
  call.under_way = pending.next;
  --call.operations;
  pending.~Pending();
  return 0;
}

// True: it has ended, with its result.
bool DeferredOperations::begin(AsyncCall& call, asyncd_op& op) {
  switch (op.kind) {
    case ASYNCD_OP_SLEEP:
      op.result = ASYNCD_OK;
      return op.timeout == 0;
    case ASYNCD_OP_EXTERNAL:
      return begin_external(call, op);
    case ASYNCD_OP_OFFLOAD:
      return begin_offload(op);
    case ASYNCD_OP_CONNECT:
      return begin_connect(op);
    case ASYNCD_OP_CLOSE:
      return close_stream(call, op);
    case ASYNCD_OP_READ:
    case ASYNCD_OP_WRITE:
      return begin_transfer(call, op);
    default:
      return false;  // a flush: its session knows when it ends
  }
}

bool DeferredOperations::begin_external(const AsyncCall& call, asyncd_op& op) {
  op.result = ASYNCD_OK;
  const Tickets::Answer answer = Tickets::all().wait(op.ticket, &call, op);
  if (answer == Tickets::Answer::refused) fail(op, 0);
  return answer != Tickets::Answer::waits;
}

bool DeferredOperations::begin_offload(asyncd_op& op) {
  Pending& pending = Pending::of(op);
  if (op.work == nullptr) {
    pending.call->broken = true;
    return true;
  }
  pending.job = pool_.run([this, &op] {
    try {
      op.work(op.work_context);
    } catch (...) {
      Pending::of(op).call->broken = true;
    }
    post_surely(reactor_, [this, &op] {
      op.result = ASYNCD_OK;
      on_end(op);
    });
  });
  return pending.job == 0;
}

bool DeferredOperations::begin_connect(asyncd_op& op) {
  Address address;
  if (!read_address(op, address)) return true;
  if (!is_numeric(address)) {
    look_up(op, std::move(address));
    return Pending::of(op).job == 0;
  }
  Result<std::vector<Endpoint>> endpoints = resolve(address);
  if (!endpoints) return true;
  connect(op, std::move(*endpoints));
  return false;
}

void DeferredOperations::look_up(asyncd_op& op, Address address) {
  // Only this number comes back: the operation may be over by then, and its memory another's.
  const AsyncCall* const call = Pending::of(op).call;
  const std::uint64_t ticket = Tickets::all().open(*this, call, 0);
  Tickets::all().wait(ticket, call, op);
  Pending::of(op).job = ticket;
  const std::uint64_t job = pool_.run([way_back = lookups_, ticket, address = std::move(address)] {
    auto found = std::make_shared<Result<std::vector<Endpoint>>>(resolve(address));
    const std::lock_guard lock(way_back->mutex);
    DeferredOperations* const operations = way_back->operations;
    if (operations == nullptr) return;
    post_surely(operations->reactor_, [operations, ticket, found] {
      asyncd_op* const waiting = Tickets::all().take_waiting(ticket);
      Tickets::all().close_all(ticket);
      if (waiting == nullptr) return;
      Pending::of(*waiting).job = 0;
      if (*found) return operations->connect(*waiting, std::move(**found));
      fail(*waiting, 0);
      operations->on_end(*waiting);
    });
  });
  if (job != 0) return;
  Tickets::all().close_all(ticket);
  Pending::of(op).job = 0;
}

void DeferredOperations::connect(asyncd_op& op, std::vector<Endpoint> endpoints) {
  AsyncCall& call = *Pending::of(op).call;
  auto stream = std::make_unique<DeferredUpstream>(reactor_, *this);
  stream->next = call.streams;
  op.stream = call.streams = stream.get();
  stream.release()->connect(op, std::move(endpoints));
}

bool DeferredOperations::begin_transfer(AsyncCall& call, asyncd_op& op) {
  auto* const stream = static_cast<DeferredUpstream*>(op.stream);
  const bool reads = op.kind == ASYNCD_OP_READ;
  if (!owns(call, op.stream) || !stream->connected() || (reads ? stream->reading : stream->writing) != nullptr ||
      (op.data == nullptr && op.data_size != 0) || (reads && op.data_size == 0)) {
    call.broken = true;
    return true;
  }
  return reads ? stream->read(op) : stream->write(op);
}

bool DeferredOperations::close_stream(AsyncCall& call, asyncd_op& op) {
  if (!owns(call, op.stream) || op.stream->reading != nullptr || op.stream->writing != nullptr) {
    call.broken = true;
    return true;
  }
  drop_stream(call, op.stream);
  op.result = ASYNCD_OK;
  return true;
}

void DeferredOperations::drop_stream(AsyncCall& call, asyncd_stream* stream) {
  asyncd_stream** link = &call.streams;
  while (*link != stream) link = &(*link)->next;
  *link = stream->next;
  delete static_cast<DeferredUpstream*>(stream);
}

void DeferredOperations::end_flush(AsyncCall& call, std::int32_t result) noexcept {
  call.flush->result = result;
  on_end(*call.flush);
}

void DeferredOperations::cancel(AsyncCall& call) noexcept {
  for (asyncd_op* op = call.under_way; op != nullptr;) {
    asyncd_op* const next = Pending::of(*op).next;
    give_up(*op, ASYNCD_CANCELLED);
    op = next;
  }
}

// False: it cannot be given up, and ends by itself.
bool DeferredOperations::give_up(asyncd_op& op, std::int32_t result) {
  Pending& pending = Pending::of(op);
  switch (op.kind) {
    case ASYNCD_OP_OFFLOAD:
      if (!pool_.withdraw(pending.job)) return false;
      break;
    case ASYNCD_OP_EXTERNAL:
      if (Tickets::all().take_waiting(op.ticket) == nullptr) return false;  // posted just now
      break;
    case ASYNCD_OP_CONNECT:
      if (pending.job != 0) Tickets::all().take_waiting(pending.job);
      if (op.stream != nullptr) drop_stream(*pending.call, std::exchange(op.stream, nullptr));
      break;
    case ASYNCD_OP_READ:
    case ASYNCD_OP_WRITE:
      static_cast<DeferredUpstream*>(op.stream)->give_up(op);
      break;
    default:
      break;
  }
  op.result = result;
  on_end(op);
  return true;
}

// A call that waits for its turn, as an operation of its own.
struct DeferredOperations::Entry {
  asyncd_op op{};
  AsyncCall* call = nullptr;

  static void on_done(void* context, asyncd_op* op) {
    const std::unique_ptr<Entry> entry(static_cast<Entry*>(context));
    AsyncCall& call = *entry->call;
    call.entered = op->result == ASYNCD_OK;
    if (!call.entered) call.session->service().gate->give_up(op->ticket);
    call.session->on_entered(call);
  }
};

bool DeferredOperations::enter(AsyncCall& call) {
  SerialGate* const gate = call.session->service().gate;
  if (gate == nullptr) return true;
  auto entry = std::make_unique<Entry>();
  asyncd_op& op = entry->op;
  op.kind = ASYNCD_OP_EXTERNAL;
  op.ticket = call.ticket = Tickets::all().open(*this, &call, call.ticket);
  op.done = Entry::on_done;
  op.context = entry.get();
  entry->call = &call;
  call.entered = gate->enter(op.ticket);
  if (call.entered) return true;
  // Posted in between: then it has ended at once.
  if (submit(call, op) == 0) return call.entered = true;
  static_cast<void>(entry.release());
  return false;
}

std::uint64_t DeferredOperations::open_ticket(AsyncCall& call) noexcept {
  try {
    return call.ticket = Tickets::all().open(*this, &call, call.ticket);
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

void DeferredOperations::release(AsyncCall& call) noexcept {
  while (call.streams != nullptr) drop_stream(call, call.streams);
  if (call.ticket != 0) Tickets::all().close_all(call.ticket);
  if (call.entered) call.session->service().gate->leave();
}

// On the posting thread. Nothing else ends the operation from here on.
void DeferredOperations::on_posted(std::uint64_t, asyncd_op& op) {
  post_surely(reactor_, [this, &op] {
    op.result = ASYNCD_OK;
    on_end(op);
  });
}

void DeferredOperations::on_end(asyncd_op& op) {
  Pending& pending = Pending::of(op);
  AsyncCall& call = *pending.call;
  if (call.flush == &op) call.flush = nullptr;
  if (op.result != ASYNCD_OK && op.kind == ASYNCD_OP_CONNECT && op.stream != nullptr)
    drop_stream(call, std::exchange(op.stream, nullptr));
  asyncd_op** link = &call.under_way;
  while (*link != &op) link = &Pending::of(**link).next;
  *link = pending.next;
  pending.~Pending();  // its timer, too
  ::new (op.host_words) Pending(call);
  (first_ended_ == nullptr ? first_ended_ : Pending::of(*last_ended_).next) = &op;
  last_ended_ = &op;
  schedule(Instant{});
}

void DeferredOperations::schedule(Instant when) {
  if (when >= scheduled_) return;
  scheduled_ = when;
  reactor_.run_operations_at(when);
}

void DeferredOperations::run() {
  scheduled_ = never;
  expire();
  asyncd_op* const last = last_ended_;
  while (first_ended_ != nullptr) {
    asyncd_op& op = *first_ended_;
    first_ended_ = Pending::of(op).next;
    if (first_ended_ == nullptr) last_ended_ = nullptr;
    tell(op);
    if (&op == last) break;
  }
  schedule(first_ended_ != nullptr ? Instant{} : wheel_.next());
}

void DeferredOperations::expire() {
  wheel_.advance(reactor_.now(), [this](DeadlineWheel::Node& node) {
    asyncd_op& op = static_cast<Pending&>(node).op();
    give_up(op, op.kind == ASYNCD_OP_SLEEP ? ASYNCD_OK : ASYNCD_TIMED_OUT);
  });
}

// A hook as any other: a serial handler's never overlap.
void DeferredOperations::call_done(AsyncCall& call, asyncd_op& op) {
  SerialGate* const gate = call.session->service().gate;
  std::unique_lock<std::recursive_mutex> lock;
  if (gate != nullptr) lock = std::unique_lock(gate->hooks());
  try {
    op.done(op.context, &op);
  } catch (...) {
    call.broken = true;
  }
}

void DeferredOperations::tell(asyncd_op& op) {
  Pending& pending = Pending::of(op);
  AsyncCall& call = *pending.call;
  pending.~Pending();
  --call.operations;
  call.quick_results = 0;
  const Instant began = reactor_.now();
  call_done(call, op);
  if (call.state == AsyncCall::State::pending && call.operations == 0) {
    call.broken = true;  // nothing will ever finish it
    call.state = AsyncCall::State::finished;
  }
  reactor_.resume(call.owner.driver, began);
}

}  // namespace asyncd
