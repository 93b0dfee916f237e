// A call on an event loop that a test turns by hand: real sockets of the loopback, a reactor that
// fails when it is told to, and a session with one message. One thread, but for the pool's lookups.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/accept/connection_info.h"
#include "core/operations/deferred_operations.h"
#include "core/session/session.h"

namespace deferred {

using namespace asyncd;  // NOLINT: a test's own

// What becomes of the step of this number: to watch a socket, or to want something of it.
enum class Trouble { none, null, bad_alloc };

class HandReactor final : public Reactor {
 public:
  std::size_t failing_step = 0;  // 1 is the first; 0: none
  Trouble trouble = Trouble::none;
  std::size_t steps = 0;
  Instant due = never;
  std::atomic<int> woken{0};
  std::function<void()> on_resume;

  Instant now() const override { return Clock::now(); }
  void run_operations_at(Instant when) noexcept override { due = std::min(due, when); }
  void on_hook(void*, Instant) override {}
  void resume(void*) override { on_resume(); }
  void wake() noexcept override { ++woken; }

  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override {
    if (fails() == Trouble::null) return nullptr;
    return std::make_unique<HandWatch>(*this, std::move(socket), watcher);
  }

  std::size_t watched() const { return watches_.size(); }

  // Tells those whose sockets are ready; one of them may end any other.
  void tell_ready() {
    const std::vector<HandWatch*> before = watches_;
    for (HandWatch* one : before)
      if (std::find(watches_.begin(), watches_.end(), one) != watches_.end()) one->tell();
  }

 private:
  class HandWatch final : public Watch {
   public:
    HandWatch(HandReactor& reactor, Socket socket, Watcher& watcher)
        : reactor_(reactor), socket_(std::move(socket)), watcher_(watcher) {
      reactor_.watches_.push_back(this);
    }
    ~HandWatch() override { std::erase(reactor_.watches_, this); }

    NativeSocket socket() const override { return socket_.handle(); }
    void want_readable() override {
      reactor_.fails();
      wanted_.readable = true;
    }
    void want_writable() override {
      reactor_.fails();
      wanted_.writable = true;
    }

    void tell() {
      if (!wanted_.readable && !wanted_.writable) return;
      const Ready ready = wait_ready(socket(), wanted_.readable, wanted_.writable, {});
      if (!ready.readable && !ready.writable) return;
      wanted_ = {wanted_.readable && !ready.readable, wanted_.writable && !ready.writable};
      watcher_.on_ready(ready);  // which may end this
    }

   private:
    HandReactor& reactor_;
    Socket socket_;
    Watcher& watcher_;
    Ready wanted_;
  };

  // Where a step cannot answer null, nothing comes of that trouble.
  Trouble fails() {
    if (++steps != failing_step) return Trouble::none;
    if (trouble == Trouble::bad_alloc) throw std::bad_alloc();
    return trouble;
  }

  std::vector<HandWatch*> watches_;
};

// A message on its way: each of its operations is submitted by the hook that belongs there, and
// counted when it is told.
class HandCall {
 public:
  struct Operation : asyncd_op {
    explicit Operation(std::uint32_t its_kind, std::string bytes = {},
                       asyncd_stream* its_stream = nullptr)
        : asyncd_op{}, text(std::move(bytes)) {
      size = sizeof(asyncd_op);
      kind = its_kind;
      data = text.data();
      data_size = text.size();
      stream = its_stream;
    }
    std::string text;
    int told = 0;   // by done
    int ended = 0;  // within submit, or by done
  };

  explicit HandCall(OffloadPool& pool) : operations_(std::in_place, reactor, completions_, pool) {
    hooks_.size = sizeof hooks_;
    hooks_.flags = ASYNCD_ASYNC;
    hooks_.concurrency = ASYNCD_REENTRANT;
    hooks_.message = [](void* self, asyncd_call* call) {
      return static_cast<HandCall*>(self)->on_message(call);
    };
    service_.hooks = &hooks_;
    service_.self = this;
    service_.framer = make_framer({}, service_.limits.max_message, hooks_, this);
    reactor.on_resume = [this] { session_->finished() ? session_->forget_calls() : turn(); };
    session_.emplace(service_, buffers_, nullptr, info_, Clock::now(),
                     CallOwner{&*operations_, this});
  }

  // The message comes, and its hook submits this; what comes next is `next`'s to submit.
  void begin(Operation& first) {
    first_ = &first;
    session_->on_bytes("x\n");
    turn();
  }

  bool submit(Operation& op) {
    op.done = [](void* context, asyncd_op* ended) {
      static_cast<HandCall*>(context)->on_done(*ended);
    };
    op.context = this;
    const bool pending = session_submit(call_, &op) == ASYNCD_PENDING;
    under_way_ += pending;
    if (!pending) on_ended(op);
    return pending;
  }

  // Sockets that are ready, and operations that are due. False: the call has ended.
  bool turn_loop() {
    if (reactor.woken.exchange(0) != 0) reactor.due = at_once;
    reactor.tell_ready();
    if (reactor.due <= Clock::now()) {
      reactor.due = never;
      operations_->run();
    }
    return session_->has_calls();
  }

  // Until the call has ended, or far too much time is over.
  bool run() {
    for (const Instant bound = Clock::now() + std::chrono::seconds(60); turn_loop();) {
      if (Clock::now() >= bound) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
  }

  void cancel() { session_->on_failed(CloseReason::client_reset); }
  void end_loop() {
    session_.reset();
    operations_.reset();
  }

  HandReactor reactor;
  std::function<void(Operation& ended)> next;

 private:
  void turn() { session_->run(Clock::now()); }

  std::int32_t on_message(asyncd_call* call) {
    call_ = call;
    submit(*first_);
    return under_way_ != 0 ? ASYNCD_PENDING : ASYNCD_NO_REPLY;
  }

  void on_done(asyncd_op& op) {
    --under_way_;
    ++static_cast<Operation&>(op).told;
    on_ended(static_cast<Operation&>(op));
    if (under_way_ == 0) session_finish_call(call_, ASYNCD_NO_REPLY);
  }

  void on_ended(Operation& op) {
    ++op.ended;
    if (next) next(op);
  }

  asyncd_handler hooks_{};
  Service service_;
  BufferPool buffers_;
  ConnectionInfo info_;
  CompletionHandles completions_;
  std::optional<DeferredOperations> operations_;
  std::optional<Session> session_;
  Operation* first_ = nullptr;
  asyncd_call* call_ = nullptr;
  int under_way_ = 0;
};

}  // namespace deferred
