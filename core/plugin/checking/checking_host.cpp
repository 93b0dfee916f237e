#include "core/plugin/checking/checking_host.h"

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "core/plugin/checking/checked_functions.h"
#include "core/plugin/checking/running_hook.h"

namespace asyncd {

namespace {

struct NoLonger {
  void operator()(std::atomic<bool>* flag) const { *flag = false; }
};

constexpr int32_t failed = -1;
constexpr std::size_t remembered_calls = 8;   // of each worker
constexpr std::size_t compared_bytes = 1024;  // of those that a frame hook is shown

}  // namespace

struct CheckedWorker {
  LentCall& next_call(const std::string& handler, Report report) {
    if (calls.size() < remembered_calls)
      calls.push_back(std::make_unique<LentCall>(handler, report));
    next = (next + 1) % calls.size();
    return *calls[next];
  }

  const std::thread::id thread = std::this_thread::get_id();
  void* state = nullptr;  // what the handler's worker_create gave
  int connections = 0;
  std::vector<std::unique_ptr<LentCall>> calls;
  std::size_t next = 0;
};

// A hook's time in the handler. Those of a serial one never overlap.
class CheckingHost::Turn {
 public:
  Turn(CheckingHost& host, std::string_view hook) : host_(host) {
    const bool alone =
        host_.under_way_.fetch_add(1) == 0 || host_.hooks_.concurrency != ASYNCD_SERIAL;
    host_.expect(alone, hook, "two hooks of a serial handler at once");
  }
  ~Turn() { host_.under_way_.fetch_sub(1); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  CheckingHost& host_;
};

// One wrong step of asyncd's own is enough to rely on nothing any more.
bool CheckingHost::expect(bool right, std::string_view hook, const char* otherwise) const {
  if (!right)
    report_({.handler = handler_,
             .hook = hook,
             .what = std::string("asyncd itself: ") + otherwise,
             .fatal = true});
  return right;
}

bool CheckingHost::expect_open(std::string_view hook, const CheckedWorker* worker,
                               const CheckedConnection* connection) const {
  return expect(stage_ == Stage::created, hook, "the handler is not there") &&
         expect(worker != nullptr, hook, "no worker") &&
         expect(worker->thread == std::this_thread::get_id(), hook, "not on the worker's thread") &&
         expect(connection != nullptr && connection->open != nullptr, hook, "no open connection") &&
         expect(connection->worker == worker, hook, "the connection is another worker's");
}

void CheckingHost::tell_late_writes(CheckedWorker& worker) const {
  for (const auto& call : worker.calls) {
    if (!call->written_since_end()) continue;
    report_(
        {.handler = handler_,
         .hook = "none",
         .what = "it has written to a call whose hook had returned, or to its message or window",
         .connection = &call->info()});
    if (call->owner() != nullptr) call->owner()->condemned = true;
  }
}

struct CheckingHost::Hooks {
  static CheckingHost& of(void* self) { return *static_cast<CheckingHost*>(self); }

  static int32_t create(asyncd_setup* real, void** self) {
    CheckingHost& host = of(*self);
    if (!host.expect(host.stage_ == Stage::made, "create", "a second create")) return failed;
    host.functions_ = real->host;
    asyncd_setup lent = *real;
    lent.host = &checked_functions();
    RunningHook hook(host.handler_, "create", host.report_, host.functions_);
    hook.lend(lent, *real);
    int32_t outcome = 0;
    if (host.hooks_.create != nullptr)
      outcome = hook.run([&] { return host.hooks_.create(&lent, &host.self_); });
    // Refused, and destroyed where it has been created: at a start there is no log yet to tell it.
    if (hook.failed())
      real->host->host_refuse(real, hook.complaint().data(), hook.complaint().size());
    if (outcome == 0) host.stage_ = Stage::created;
    return outcome;
  }

  static void destroy(void* self) {
    CheckingHost& host = of(self);
    if (!host.expect(host.stage_ == Stage::created, "destroy",
                     "no create before, or a second destroy"))
      return;
    if (!host.expect(host.workers_ == 0, "destroy", "workers are left")) return;
    host.stage_ = Stage::destroyed;
    run_quietly(host, "destroy", [&] {
      if (host.hooks_.destroy != nullptr) host.hooks_.destroy(host.self_);
    });
  }

  static int32_t worker_create(void* self, void** worker) {
    CheckingHost& host = of(self);
    if (!host.expect(host.stage_ == Stage::created, "worker_create", "the handler is not there"))
      return failed;
    const Turn turn(host, "worker_create");
    auto made = std::make_unique<CheckedWorker>();
    RunningHook hook(host.handler_, "worker_create", host.report_, host.functions_);
    if (host.hooks_.worker_create != nullptr) {
      const int32_t outcome =
          hook.run([&] { return host.hooks_.worker_create(host.self_, &made->state); });
      if (outcome != 0 || hook.failed()) return failed;
    }
    ++host.workers_;
    *worker = made.release();
    return 0;
  }

  static void worker_destroy(void* self, void* worker) {
    CheckingHost& host = of(self);
    auto* const place = static_cast<CheckedWorker*>(worker);
    const std::string_view name = "worker_destroy";
    if (!host.expect(host.stage_ == Stage::created && place != nullptr, name,
                     "no worker_create before") ||
        !host.expect(place->thread == std::this_thread::get_id(), name,
                     "not on the worker's thread") ||
        !host.expect(place->connections == 0, name, "connections are left"))
      return;
    const std::unique_ptr<CheckedWorker> ended(place);
    const Turn turn(host, name);
    host.tell_late_writes(*ended);
    LentCall::forget(std::move(ended->calls));
    run_quietly(host, name, [&] {
      if (host.hooks_.worker_destroy != nullptr)
        host.hooks_.worker_destroy(host.self_, ended->state);
    });
    --host.workers_;
  }

  static int32_t connection_open(void* self, void* worker, void** connection) {
    CheckingHost& host = of(self);
    auto* const place = static_cast<CheckedWorker*>(worker);
    const std::string_view name = "connection_open";
    if (!host.expect(host.stage_ == Stage::created && place != nullptr, name,
                     "no worker_create before") ||
        !host.expect(place->thread == std::this_thread::get_id(), name,
                     "not on the worker's thread"))
      return failed;
    const Turn turn(host, name);
    auto made = std::make_shared<CheckedConnection>();
    RunningHook hook(host.handler_, name, host.report_, host.functions_);
    if (host.hooks_.connection_open != nullptr) {
      const int32_t outcome = hook.run(
          [&] { return host.hooks_.connection_open(host.self_, place->state, &made->state); });
      if (outcome != 0 || hook.failed()) return failed;
    }
    made->worker = place;
    ++place->connections;
    *connection = made.get();
    made->open = std::move(made);
    return 0;
  }

  static void connection_close(void* self, void* worker, void* connection) {
    CheckingHost& host = of(self);
    auto* const place = static_cast<CheckedWorker*>(worker);
    if (!host.expect_open("connection_close", place, static_cast<CheckedConnection*>(connection)))
      return;
    const std::shared_ptr<CheckedConnection> ended =
        std::move(static_cast<CheckedConnection*>(connection)->open);
    if (!host.expect(!ended->busy, "connection_close", "a message of it is under way")) return;
    const Turn turn(host, "connection_close");
    host.tell_late_writes(*place);
    run_quietly(host, "connection_close", [&] {
      if (host.hooks_.connection_close != nullptr)
        host.hooks_.connection_close(host.self_, place->state, ended->state);
    });
    --place->connections;
  }

  static int32_t message(void* self, asyncd_call* real) {
    CheckingHost& host = of(self);
    auto* const worker = static_cast<CheckedWorker*>(real->worker);
    auto* const connection = static_cast<CheckedConnection*>(real->connection);
    if (!host.expect_open("message", worker, connection)) return failed;
    const Turn turn(host, "message");
    if (!host.expect(!connection->busy.exchange(true), "message",
                     "another one of the connection is under way"))
      return failed;
    const std::unique_ptr<std::atomic<bool>, NoLonger> busy(&connection->busy);
    host.tell_late_writes(*worker);
    if (connection->condemned) return failed;
    const int32_t outcome = answer(host, *real, *worker, *connection);
    host.tell_late_writes(*worker);
    return connection->condemned ? failed : outcome;
  }

  static int32_t answer(CheckingHost& host, asyncd_call& real, CheckedWorker& worker,
                        CheckedConnection& connection) {
    LentCall& call = worker.next_call(host.handler_, host.report_);
    call.begin(real, checked_functions(), worker.state, connection.open);
    RunningHook hook(host.handler_, "message", host.report_, host.functions_, &call.info());
    hook.lend(call);
    const int32_t outcome = hook.run([&] { return host.hooks_.message(host.self_, &call); });
    if (const auto fault = call.find_fault(outcome)) hook.complain(fault->what, fault->spoilt);
    const bool kept = !hook.failed() && !call.condemned();
    if (kept) call.deliver();
    call.end();
    return kept ? outcome : failed;
  }

  static int32_t frame(void* self, const char* bytes, uint64_t size, asyncd_frame* real) {
    CheckingHost& host = of(self);
    if (!host.expect(host.stage_ == Stage::created, "frame", "the handler is not there"))
      return failed;
    const Turn turn(host, "frame");
    const std::string before(bytes, std::min<std::size_t>(compared_bytes, size));
    asyncd_frame found = *real;
    RunningHook hook(host.handler_, "frame", host.report_, host.functions_);
    const int32_t outcome =
        hook.run([&] { return host.hooks_.frame(host.self_, bytes, size, &found); });
    if (before != std::string_view(bytes, before.size())) {
      hook.complain("it has changed the bytes, which are only lent");
      std::memcpy(const_cast<char*>(bytes), before.data(), before.size());
    }
    if (const std::string wrong = host.find_wrong(found, size); outcome == 0 && !wrong.empty())
      hook.complain(wrong);
    if (outcome != 0 && !hook.failed()) return outcome;
    *real = found;
    // no frame: the framer sees that the hook has failed
    if (hook.failed()) real->total = UINT64_MAX;
    return 0;
  }

  template <class Body>
  static void run_quietly(CheckingHost& host, std::string_view name, Body body) {
    RunningHook hook(host.handler_, name, host.report_, host.functions_);
    hook.run([&] {
      body();
      return 0;
    });
  }
};

std::string CheckingHost::find_wrong(const asyncd_frame& frame, std::uint64_t size) const {
  const std::string total = std::to_string(frame.total);
  if (frame.size != sizeof frame) return "it has changed frame->size, which is not its own";
  if (frame.total > size)
    return "its frame has " + total + " bytes, but it was given " + std::to_string(size);
  if (frame.message_offset > frame.total || frame.message_size > frame.total - frame.message_offset)
    return "its message of " + std::to_string(frame.message_size) + " bytes at " +
           std::to_string(frame.message_offset) + " is not within its frame of " + total;
  if (frame.total == 0 && frame.needed != 0 && frame.needed <= size)
    return "it needs " + std::to_string(frame.needed) + " bytes, but it was given " +
           std::to_string(size);
  return "";
}

CheckingHost::CheckingHost(const asyncd_handler& hooks, std::string handler, Report report)
    : hooks_(hooks), handler_(std::move(handler)), report_(report), checked_(hooks) {
  checked_.create = Hooks::create;
  checked_.destroy = Hooks::destroy;
  checked_.worker_create = Hooks::worker_create;
  checked_.worker_destroy = Hooks::worker_destroy;
  checked_.connection_open = Hooks::connection_open;
  checked_.connection_close = Hooks::connection_close;
  checked_.message = Hooks::message;
  if (hooks.frame != nullptr) checked_.frame = Hooks::frame;
}

}  // namespace asyncd
