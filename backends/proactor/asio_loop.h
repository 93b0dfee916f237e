// AsioLoop: one io_context and its thread; connections stay on the loop that they were given to, so nothing is locked.
//
// Reads go into a few bytes inside the connection: small messages, the common case, come with one system call and no
// re-arming, and an idle connection needs no buffer. When those bytes were filled, the rest is fetched directly into
// the loop's own buffer, so that every backend lends its sessions the same pieces. Replies are sent directly; only what
// the system refuses is waited for.
#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <vector>

#include "backends/proactor/intake.h"
#include "backends/proactor/loop_timer.h"
#include "backends/proactor/loop_waker.h"
#include "core/io/deadline_wheel.h"
#include "core/io/deferred_operations.h"
#include "core/io/driver.h"
#include "core/io/latch.h"
#include "core/io/workers.h"

namespace asyncd {

class AsioLoop final : private Reactor {
 public:
  // With the executor by its type: the operations are smaller and quicker than with any executor.
  using SocketType = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  struct Channel {
    Channel(asio::io_context& context, Socket accepted);

    SocketType socket;
    std::size_t index = 0;                 // in the loop's list of connections
    CloseReason lost = CloseReason::none;  // known before the next read begins
    bool has_just_read = false;            // a read has begun, and no deadline has been looked at since
    OperationMemory read_memory;
    std::array<char, 208> input;
  };
  using Connection = Driver<AsioLoop>;
  static constexpr std::uint64_t in_asio = 512;  // bytes that it keeps for each descriptor that it watches

  // `number` is the loop's, in the log. Throws as LoopWaker does, or std::bad_alloc.
  AsioLoop(Listener& listener, const Latch& latch, std::uint64_t number);
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  // On the loop's thread: until all connections have ended, after release or a stop.
  void run();

  // Any thread, as long as the loop runs.
  void hand_over(NewConnection&& connection);       // std::bad_alloc: `connection` is as it was
  void release() { released_ = true, wake(); }      // no connection will be handed over any more
  void announce() { news_ = true, wake(); }         // the listener has a new service
  void wake() noexcept override { waker_.wake(); }  // for the latch, too

  // Any thread. A loop that is in a handler's hook begins with no connection. The accepting thread can take back the
  // connections that wait in its intake; once the latch says stop, they are turned away.
  bool held_up(Instant now) const { return record_.held_up(now); }
  bool has_waiting() const { return !intake_.empty(); }
  std::optional<NewConnection> take_back() { return intake_.take(); }
  void turn_away();

  Channel open_channel(Socket socket);
  Instant now() const override { return Clock::now(); }
  Instant roughly_now() const { return coarse_now(); }
  bool receive(Connection& connection);
  bool send(Connection& connection, std::string_view output);
  bool yield(Connection& connection);
  std::size_t unread(Connection& connection);
  Taken taken(Connection& connection);
  void on_hooks(Connection& driver, Instant now) { record_.enter(driver.service(), driver.info().id, now); }
  void on_hooks_over(Connection&) { record_.leave(); }
  HookMark* hook_mark() { return nullptr; }
  Operations* call_operations() { return &operations_; }
  Stats::Tally& tally() { return tally_; }
  void shutdown_write(Connection& connection);
  void close(Connection& connection);
  void arm(Connection& connection, Instant deadline);

 private:
  class Watched;

  void run_operations_at(Instant when) noexcept override;
  void on_hook(void* driver, Instant now) override;
  void resume(void* driver) override;
  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override;

  void on_wake();
  void adopt(NewConnection connection);
  Connection* make(NewConnection connection);
  void obey_latch();
  void refresh();
  void tell(Connection& connection);
  void drain(Connection& connection);
  void make_room();
  void take_turns();
  void start_reads();
  void start_read(Connection& connection);
  void on_read(Connection& connection, const asio::error_code& error, std::size_t bytes);
  std::string_view read_on(Connection& connection, std::size_t bytes);
  void pump(Connection& connection);
  void end_when_unused();
  void heed_memory();
  static bool has_input_untold(Connection& connection, Instant now);
  void expire();

  // Of the loop's own operations; beyond the context, which may end with some of them pending.
  struct Memory {
    OperationMemory waker, timer, operations_timer, reads, turns, operations;
  };

  Listener& listener_;
  const Latch& latch_;
  Stats::Tally tally_;
  Memory memory_;
  asio::io_context context_;
  LoopWaker waker_;
  Intake intake_;
  LoopTimer timer_;
  LoopTimer operations_timer_;
  bool operations_due_ = false;
  std::atomic<bool> released_{false};
  std::atomic<bool> news_{false};
  bool may_end_ = false;  // no connection will be handed over
  Latch::Phase obeyed_ = Latch::Phase::serving;
  DeadlineWheel wheel_;
  BufferPool pool_;
  HookRecord record_;
  Workers workers_;
  std::vector<char> buffer_;
  std::vector<Connection*> connections_;
  // These have room for all connections, so that none of them allocates while it serves.
  std::vector<Connection*> to_read_;  // wait for start_reads
  std::vector<Connection*> to_read_now_;
  std::vector<Connection*> turns_;  // have more to do at once
  std::vector<Connection*> turns_now_;
  DeferredOperations operations_;
};

}  // namespace asyncd
