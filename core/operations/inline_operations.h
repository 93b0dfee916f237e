// InlineOperations: what calls wait for on a thread that may block: the thread waits. It does so in
// slices, and looks in between whether the client has gone, the call's time is over or the process
// is to stop. One for each thread that serves connections, one connection at a time; only
// completion handles are posted by other threads.
#pragma once

#include <condition_variable>
#include <mutex>

#include "core/base/stop_flag.h"
#include "core/operations/basic_operations.h"
#include "core/operations/lookup.h"

namespace asyncd {

// The loop that serves the connection; called while one of its calls waits.
class OutputSender {
 public:
  virtual ~OutputSender() = default;
  virtual void begin_sending(void*) {}  // while a hook of its handler runs
  // as much as goes soon; or why the connection is over
  virtual CloseReason send_output(void* driver) = 0;
  // of waiting with this driver's call, which may take long
  virtual void on_slice(void*) {}
  // a call waits: its handler is in no hook ...
  virtual void on_wait() {}
  virtual void on_wait_over() {}  // ... until now
  // the connection has to end, because it holds too much
  virtual bool is_over_memory(void*) { return false; }
};

class InlineOperations final : public BasicOperations {
 public:
  InlineOperations(CompletionHandles& completions, const StopFlag& stop_flag, OutputSender& sender)
      : BasicOperations(completions), stop_flag_(stop_flag), sender_(sender) {}

  // the connection of the calls to come, or no_socket
  void serve(NativeSocket client) { client_ = client; }

  bool defers() const override { return false; }
  std::int32_t submit(AsyncCall& call, asyncd_op& op) noexcept override;
  void send_output(AsyncCall& call) noexcept override { sender_.send_output(call.owner.driver); }
  bool enter(AsyncCall& call) override;
  void end_flush(AsyncCall&, std::int32_t) noexcept override {}
  void cancel(AsyncCall&) noexcept override {}
  void release(AsyncCall& call) noexcept override;

 private:
  struct Upstream;
  struct NameLookup;

  void perform(AsyncCall& call, asyncd_op& op);
  static void work(AsyncCall& call, asyncd_op& op);
  void sleep(AsyncCall& call, asyncd_op& op);
  void wait_for_post(AsyncCall& call, asyncd_op& op);
  void connect(AsyncCall& call, asyncd_op& op);
  std::vector<Endpoint> look_up(AsyncCall& call, asyncd_op& op, Address address);
  bool try_connect(AsyncCall& call, asyncd_op& op, const Endpoint& endpoint, Socket& socket);
  void transfer(AsyncCall& call, asyncd_op& op);
  void flush(AsyncCall& call, asyncd_op& op);
  bool interrupted(AsyncCall& call, asyncd_op& op);
  Duration slice(const AsyncCall& call) const;
  void wait_for_client(Duration longest) const;
  void on_posted(std::uint64_t handle, asyncd_op& op) noexcept override;

  const StopFlag& stop_flag_;
  OutputSender& sender_;
  NativeSocket client_ = no_socket;
  Instant op_ends_ = never;
  std::mutex mutex_;
  std::condition_variable posted_;
  std::uint64_t posted_handle_ = 0;
};

}  // namespace asyncd
