#include "core/operations/deferred_operations.h"

#include <new>
#include <utility>

#include "core/operations/serial_gate.h"
#include "core/session/service.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

constexpr Duration finest_time = std::chrono::milliseconds(1);
constexpr std::uint32_t most_quick_results = 16;  // then the others have their turn

}  // namespace

DeferredOperations::DeferredOperations(Reactor& reactor, CompletionHandles& completions,
                                       OffloadPool& pool)
    : BasicOperations(completions),
      reactor_(reactor),
      pool_(pool),
      wheel_(reactor.now(), finest_time),
      arrivals_(std::make_shared<Arrivals>(reactor)) {}

DeferredOperations::~DeferredOperations() { end(); }

void DeferredOperations::end() noexcept { arrivals_->end(); }

std::int32_t DeferredOperations::submit(AsyncCall& call, asyncd_op& op) noexcept {
  if (!check(call, op)) return 0;
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
    op.result = under_way;
    if (op.timeout != 0 && wheel_.arm(pending, after(reactor_.now(), Duration(op.timeout))))
      schedule(wheel_.next());
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
      drop_stream(call, op.stream);
      op.result = ASYNCD_OK;
      return true;
    case ASYNCD_OP_READ:
    case ASYNCD_OP_WRITE:
      return begin_transfer(call, op);
    default:
      return false;  // a flush: its session knows when it ends
  }
}

bool DeferredOperations::begin_external(const AsyncCall& call, asyncd_op& op) {
  op.result = ASYNCD_OK;
  const CompletionHandles::Answer answer = completions().wait(op.ticket, &call, op);
  if (answer == CompletionHandles::Answer::refused) fail(op, 0);
  return answer != CompletionHandles::Answer::waits;
}

bool DeferredOperations::begin_offload(asyncd_op& op) {
  return !pool_.run(&op, [&op, &arrivals = *arrivals_] {
    try {
      op.work(op.work_context);
    } catch (...) {
      op.error = work_threw;
    }
    arrivals.add(op);
  });
}

bool DeferredOperations::begin_connect(asyncd_op& op) {
  Pending::of(op).lookup = nullptr;
  Address address;
  if (!read_address(op, address)) return true;
  if (!is_numeric(address)) return !look_up(op, std::move(address));
  Result<std::vector<Endpoint>> endpoints = resolve(address);
  if (!endpoints) return true;
  connect(op, std::move(*endpoints));
  return false;
}

bool DeferredOperations::look_up(asyncd_op& op, Address address) {
  const auto lookup = std::make_shared<NameLookup>(std::move(address), op, arrivals_);
  if (!Lookup::begin(lookup)) return false;
  Pending::of(op).lookup = lookup.get();
  return true;
}

void DeferredOperations::on_found(NameLookup& lookup) {
  if (lookup.op == nullptr) return;
  asyncd_op& op = *lookup.op;
  Pending::of(op).lookup = nullptr;
  if (lookup.endpoints.empty()) {
    fail(op, 0);
    return on_end(op);
  }
  connect(op, std::move(lookup.endpoints));
}

// on_end follows, even if the connect fails at once.
void DeferredOperations::connect(asyncd_op& op, std::vector<Endpoint> endpoints) {
  AsyncCall& call = *Pending::of(op).call;
  try {
    auto stream = std::make_unique<DeferredUpstream>(reactor_, *this);
    DeferredUpstream& connecting = *stream;
    op.stream = &connecting;
    add_stream(call, std::move(stream));
    connecting.connect(op, std::move(endpoints));
  } catch (const std::bad_alloc&) {
    fail(op, 0);
    on_end(op);
  }
}

bool DeferredOperations::begin_transfer(AsyncCall& call, asyncd_op& op) {
  auto* const stream = static_cast<DeferredUpstream*>(op.stream);
  if (!stream->connected()) return call.broken = true;
  return op.kind == ASYNCD_OP_READ ? stream->read(op) : stream->write(op);
}

void DeferredOperations::end_flush(AsyncCall& call, std::int32_t result) noexcept {
  call.flush->result = result;
  on_end(*call.flush);
}

void DeferredOperations::cancel(AsyncCall& call) noexcept {
  for (asyncd_op* op = call.under_way; op != nullptr;) {
    asyncd_op* const next = Pending::of(*op).next;
    if (op->result == under_way) give_up(*op, ASYNCD_CANCELLED);
    op = next;
  }
}

// False: it cannot be given up, and ends by itself.
bool DeferredOperations::give_up(asyncd_op& op, std::int32_t result) {
  switch (op.kind) {
    case ASYNCD_OP_OFFLOAD:
      if (!pool_.withdraw(&op)) return false;
      break;
    case ASYNCD_OP_EXTERNAL:
      if (completions().take_waiting(op.ticket) == nullptr) return false;  // posted just now
      break;
    case ASYNCD_OP_CONNECT:
      forget_lookup(op);
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

void DeferredOperations::forget_lookup(asyncd_op& op) {
  NameLookup* const lookup = std::exchange(Pending::of(op).lookup, nullptr);
  if (lookup == nullptr) return;
  lookup->op = nullptr;
  lookup->forget();
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
    call.session->calls().on_entered(call);
  }
};

bool DeferredOperations::enter(AsyncCall& call) {
  SerialGate* const gate = call.session->service().gate;
  if (gate == nullptr) return true;
  auto entry = std::make_unique<Entry>();
  asyncd_op& op = entry->op;
  op.kind = ASYNCD_OP_EXTERNAL;
  op.ticket = add_handle(call);
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

// On the posting thread. Nothing else ends the operation from here on.
void DeferredOperations::on_posted(std::uint64_t, asyncd_op& op) noexcept { arrivals_->add(op); }

void DeferredOperations::take_arrivals() {
  Arrivals::Taken taken = arrivals_->take();
  for (asyncd_op *op = taken.first, *next = nullptr; op != nullptr; op = next) {
    Pending& pending = Pending::of(*op);
    next = pending.follower;
    if (std::exchange(op->error, 0) == work_threw) pending.call->broken = true;
    op->result = ASYNCD_OK;
    on_end(*op);
  }
  for (auto& lookup = taken.lookups; lookup != nullptr;
       lookup = std::exchange(lookup->next, nullptr))
    on_found(*lookup);
}

void DeferredOperations::on_end(asyncd_op& op) {
  Pending& pending = Pending::of(op);
  AsyncCall& call = *pending.call;
  if (call.flush == &op) call.flush = nullptr;
  if (op.result != ASYNCD_OK && op.kind == ASYNCD_OP_CONNECT && op.stream != nullptr)
    drop_stream(call, std::exchange(op.stream, nullptr));
  pending.disarm();
  pending.follower = nullptr;
  (first_ended_ == nullptr ? first_ended_ : Pending::of(*last_ended_).follower) = &op;
  last_ended_ = &op;
  schedule(at_once);
}

void DeferredOperations::schedule(Instant when) {
  if (when >= scheduled_) return;
  scheduled_ = when;
  reactor_.run_operations_at(when);
}

void DeferredOperations::run() {
  scheduled_ = at_once;  // it is at it
  take_arrivals();
  expire();
  asyncd_op* const last = last_ended_;
  while (first_ended_ != nullptr) {
    asyncd_op& op = *first_ended_;
    first_ended_ = Pending::of(op).follower;
    if (first_ended_ == nullptr) last_ended_ = nullptr;
    tell(op);
    if (&op == last) break;
  }
  scheduled_ = never;
  schedule(first_ended_ != nullptr ? at_once : wheel_.next());
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
  asyncd_op** link = &call.under_way;
  while (*link != &op) link = &Pending::of(**link).next;
  *link = pending.next;
  pending.~Pending();
  --call.operations;
  call.quick_results = 0;
  void* const driver = call.owner.driver;
  reactor_.on_hook(driver, reactor_.now());
  call_done(call, op);
  if (call.state == AsyncCall::State::pending && call.operations == 0) {
    call.broken = true;  // nothing will ever finish it
    call.state = AsyncCall::State::finished;
  }
  reactor_.resume(driver);
}

}  // namespace asyncd
