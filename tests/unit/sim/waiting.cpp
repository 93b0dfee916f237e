#include "waiting.h"

#include <array>
#include <new>
#include <utility>

#include "tests/support/failing_new.h"

namespace sim {

namespace {

using asyncd::Instant;
using asyncd::test::CountAllocations;
using Does = Step::Does;

// operations that end at once: more than a call may have in one turn of its loop
constexpr int many = 40;

std::string_view message_of(const asyncd_call& call) {
  return {call.message, static_cast<std::size_t>(call.message_size)};
}

WaitingHandler& handler_of(void* self) {
  return static_cast<WaitingHandler&>(*static_cast<Handler*>(self));
}

}  // namespace

// Lives in memory of the call's, until the call ends. Only what the host does counts as its
// allocations.
class WaitingCall {
 public:
  WaitingCall(WaitingHandler& handler, asyncd_call* call, Plan plan)
      : handler_(handler), call_(call), plan_(std::move(plan)) {}

  // Until something has to be waited for: ASYNCD_PENDING; else what the message came to.
  std::int32_t go_on() {
    while (under_way_ == 0) {
      if (cancelled_) return ASYNCD_NO_REPLY;
      if (no_memory_) return end_without_memory(handler_, call_);
      if (next_ == plan_.steps.size()) return end();
      if (!begin(plan_.steps[next_++])) return too_long();
    }
    return ASYNCD_PENDING;
  }

  void on_cancel() {
    if (std::exchange(cancelled_, true)) handler_.complain("a call was cancelled twice");
    if (under_way_ == 0) handler_.complain("a call was cancelled that waits for nothing");
  }

  static std::int32_t begin(WaitingHandler& handler, asyncd_call* call);

 private:
  static void on_done(void* context, asyncd_op* op) {
    const CountAllocations own(false);
    static_cast<WaitingCall*>(context)->on_ended(*op);
  }

  void on_ended(const asyncd_op& op) {
    if (submitting_) handler_.complain("an operation's end was told within host_submit");
    --under_way_;
    judge(op);
    if (const std::int32_t outcome = go_on(); outcome != ASYNCD_PENDING) finish(outcome);
  }

  // False: its part of the reply is too long.
  bool begin(const Step& step) {
    switch (step.does) {
      case Does::sleep:
        submit(ops_[0], ASYNCD_OP_SLEEP, step.time);
        return true;
      case Does::open:
        open_ticket(step);
        return true;
      case Does::wait:
        submit(ops_[0], ASYNCD_OP_EXTERNAL, step.timeout);
        return true;
      case Does::both:
        open_ticket(step);
        submit(ops_[0], ASYNCD_OP_EXTERNAL, {});
        submit(ops_[1], ASYNCD_OP_SLEEP, step.time);
        return true;
      case Does::flush:
        if (!write(step.part)) return false;
        submit(ops_[0], ASYNCD_OP_FLUSH, step.timeout);
        return true;
      case Does::hurry:
        for (int i = 0; i < many && under_way_ == 0; ++i) submit(ops_[0], ASYNCD_OP_SLEEP, {});
        return true;
      case Does::stick:
        open();
        submit(ops_[0], ASYNCD_OP_EXTERNAL, {});
        return true;
    }
    return true;
  }

  void open_ticket(const Step& step) {
    if (open()) handler_.loop->post_after(step.post, ticket_);
  }

  bool open() {
    const CountAllocations on(true);
    ticket_ = call_->host->host_ticket(call_);
    return ticket_ != 0;
  }

  void submit(asyncd_op& op, std::uint32_t kind, asyncd::Duration timeout) {
    op = {};
    op.size = sizeof op;
    op.kind = kind;
    op.timeout = timeout.count();
    op.done = on_done;
    op.context = this;
    op.ticket = ticket_;
    began_ = handler_.loop->now();
    submitting_ = true;
    ++under_way_;
    const CountAllocations on(true);
    const std::int32_t answer = call_->host->host_submit(call_, &op);
    const CountAllocations own(false);
    if (answer == ASYNCD_PENDING)
      note_pending(kind);
    else {
      --under_way_;
      judge(op);
    }
    submitting_ = false;
  }

  void note_pending(std::uint32_t kind) {
    if (cancelled_) handler_.complain("an operation of a cancelled call was begun");
    if (kind == ASYNCD_OP_FLUSH && call_->reply_size == 0) ++handler_.flushes_waited;
  }

  void judge(const asyncd_op& op) {
    const bool has_timeout = op.timeout != 0 && op.kind != ASYNCD_OP_SLEEP;
    switch (op.result) {
      case ASYNCD_OK:
        if (op.kind == ASYNCD_OP_SLEEP &&
            handler_.loop->now() - began_ < asyncd::Duration(op.timeout))
          handler_.complain("a sleep was too short");
        return;
      case ASYNCD_TIMED_OUT:
        if (!has_timeout || handler_.loop->now() - began_ < asyncd::Duration(op.timeout))
          handler_.complain("an operation timed out too early");
        return;
      case ASYNCD_CANCELLED:
        if (!cancelled_) handler_.complain("an operation was cancelled though its call was not");
        return;
      default:
        no_memory_ = true;
        if (submitting_) ++handler_.failed_in_submit;
    }
  }

  bool write(std::size_t size) {
    const std::string_view part = std::string_view(plan_.answer.text).substr(written_, size);
    written_ += part.size();
    const CountAllocations on(true);
    return append(call_, part);
  }

  std::int32_t end() {
    if (!write(std::string::npos)) return too_long();
    if (plan_.answer.closes) call_->flags |= ASYNCD_CLOSE;
    return plan_.answer.outcome;
  }

  std::int32_t too_long() {
    call_->reply_size = 0;
    if (plan_.answer.closes) call_->flags |= ASYNCD_CLOSE;
    return ASYNCD_ERROR;
  }

  static std::int32_t end_without_memory(WaitingHandler& handler, asyncd_call* call) {
    handler.lacked_memory.insert(std::string(message_of(*call)));
    constexpr std::string_view why = "no memory";
    return asyncd_error_text(call, why.data(), why.size());
  }

  // Nothing of it is left when the host hears of the end.
  void finish(std::int32_t outcome) {
    asyncd_call* const call = call_;
    for (const auto& [other, earlier] : handler_.pending)
      if (other->connection == call->connection && earlier->number_ < number_) ++handler_.held_back;
    destroy();
    const CountAllocations on(true);
    call->host->host_finish(call, outcome);
  }

  void enter() {
    number_ = handler_.calls;
    handler_.pending.emplace(call_, this);
    const std::uint64_t together = ++handler_.pending_of[call_->connection];
    if (together > 1) ++handler_.in_flight_together;
    if (together > handler_.most_in_flight)
      handler_.complain("too many calls of a connection at once");
    if (handler_.manner.concurrency == ASYNCD_SERIAL && handler_.pending.size() > 1)
      handler_.complain("calls of a serial handler overlap");
  }

  void destroy() {
    handler_.pending.erase(call_);
    if (--handler_.pending_of[call_->connection] == 0) handler_.pending_of.erase(call_->connection);
    asyncd_call* const call = call_;
    this->~WaitingCall();
    call->host->host_release(call, this, sizeof *this);
  }

  WaitingHandler& handler_;
  asyncd_call* const call_;
  const Plan plan_;
  std::array<asyncd_op, 2> ops_{};
  std::size_t under_way_ = 0;
  std::size_t next_ = 0;
  std::size_t written_ = 0;
  std::uint64_t ticket_ = 0;
  std::uint64_t number_ = 0;
  Instant began_{};
  bool submitting_ = false;
  bool cancelled_ = false;
  bool no_memory_ = false;
};

std::int32_t WaitingCall::begin(WaitingHandler& handler, asyncd_call* call) {
  void* memory = nullptr;
  {
    const CountAllocations on(true);
    memory = call->host->host_allocate(call, sizeof(WaitingCall));
  }
  if (memory == nullptr) return end_without_memory(handler, call);
  auto& waiting = *::new (memory) WaitingCall(
      handler, call, plan_of(message_of(*call), handler.mark, handler.manner));
  waiting.enter();
  const std::int32_t outcome = waiting.go_on();
  if (outcome != ASYNCD_PENDING) waiting.destroy();
  return outcome;
}

namespace {

std::int32_t on_waiting_message(void* self, asyncd_call* call) {
  const CountAllocations own(false);
  WaitingHandler& handler = handler_of(self);
  note_call(handler, *call);
  return WaitingCall::begin(handler, call);
}

void on_cancel(void* self, asyncd_call* call) {
  const CountAllocations own(false);
  WaitingHandler& handler = handler_of(self);
  const auto found = handler.pending.find(call);
  if (found == handler.pending.end())
    return handler.complain("a call was cancelled that is not pending");
  found->second->on_cancel();
}

template <std::uint32_t concurrency>
const asyncd_handler& waiting_hooks() {
  static const asyncd_handler handler = [] {
    asyncd_handler made = hooks();
    made.flags = ASYNCD_ASYNC;
    made.concurrency = concurrency;
    made.message = on_waiting_message;
    made.cancel = on_cancel;
    return made;
  }();
  return handler;
}

}  // namespace

std::shared_ptr<asyncd::Service> make_waiting_service(WaitingHandler& handler,
                                                      const asyncd::Framing& framing,
                                                      const asyncd::Limits& limits,
                                                      std::uint64_t number) {
  std::shared_ptr<asyncd::Service> service = make_service(handler, framing, limits, number);
  const std::uint32_t concurrency = handler.manner.concurrency;
  if (!handler.manner.waits) return service;
  service->hooks = &waiting_hooks<ASYNCD_PER_CONNECTION>();
  if (concurrency == ASYNCD_SERIAL) {
    service->hooks = &waiting_hooks<ASYNCD_SERIAL>();
    service->gate = &handler.gate;
  }
  if (concurrency == ASYNCD_REENTRANT) {
    service->hooks = &waiting_hooks<ASYNCD_REENTRANT>();
    handler.most_in_flight = limits.max_in_flight;
  }
  return service;
}

}  // namespace sim
