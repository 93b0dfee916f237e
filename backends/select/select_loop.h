// SelectLoop: one thread, all connections, readiness by select(). The order of a turn matters: connections first, then
// those that gave up their turn, then deadlines (what has arrived is read before anybody is called idle), and accepting
// last, so that no event of this turn can reach a new connection whose descriptor has the number of one that has just
// gone.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "backends/select/socket_set.h"
#include "core/io/deadline_wheel.h"
#include "core/io/deferred_operations.h"
#include "core/io/driver.h"
#include "core/io/latch.h"
#include "core/io/workers.h"
#include "core/net/waker.h"

namespace asyncd {

class SelectLoop final : private Reactor {
 public:
  struct Channel {
    Socket socket;
    std::size_t slot = 0;  // of the socket set, and of connections_
  };

  // One of the listener's sockets.
  struct Listening {
    NativeSocket socket;
    std::size_t slot;
  };

  // What select watches from the beginning. The error is that of a process with too many descriptors.
  struct Sockets {
    SocketSet set;
    std::size_t waker = 0;
    std::vector<Listening> listening;
  };
  static Result<Sockets> watch(const Listener& listener, const Waker& waker);

  SelectLoop(Listener& listener, const Latch& latch, Waker& waker, Sockets sockets);

  // Until the latch ends it.
  void run();

  // Any thread: the listener has a new service.
  void announce() { news_ = true; }

  Channel open_channel(Socket socket);
  Instant now() const override { return Clock::now(); }
  Instant roughly_now() const { return coarse_now(); }
  bool receive(Driver<SelectLoop>& driver);
  bool send(Driver<SelectLoop>& driver, std::string_view output);
  bool yield(Driver<SelectLoop>& driver);
  std::size_t unread(Driver<SelectLoop>& driver);
  Taken taken(Driver<SelectLoop>& driver);
  void on_hooks(Driver<SelectLoop>& driver, Instant now) { record_.enter(driver.service(), driver.info().id, now); }
  void on_hooks_over(Driver<SelectLoop>&) { record_.leave(); }
  HookMark* hook_mark() { return nullptr; }
  Operations* call_operations() { return &operations_; }
  Stats::Tally& tally() { return tally_; }
  void shutdown_write(Driver<SelectLoop>& driver);
  void close(Driver<SelectLoop>& driver);
  void arm(Driver<SelectLoop>& driver, Instant deadline) { wheel_.arm(driver, deadline); }

 private:
  using Connection = Driver<SelectLoop>;
  class Watched;

  void run_operations_at(Instant when) noexcept override { operations_due_ = std::min(operations_due_, when); }
  void on_hook(void* driver, Instant now) override;
  void resume(void* driver) override;
  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override;
  void wake() noexcept override { waker_.wake(); }
  void run_operations();
  Duration longest_wait() const;
  void dispatch();
  void dispatch(Connection& connection, Ready ready);
  void take_turns();
  void expire();
  void accept();
  void adopt(NewConnection connection);
  void refuse(NewConnection connection, std::size_t slot, RejectReason reason);
  bool is_listening(std::size_t slot) const;
  void watch_listener(bool on);
  void unwatch_listener(NativeSocket socket);
  void obey_latch();
  void stop_accepting();
  void refresh();
  void tell(Connection& connection);
  void drain(Connection& connection);
  void pump(Connection& connection);
  void heed_memory();

  Listener& listener_;
  const Latch& latch_;
  Waker& waker_;
  Stats::Tally tally_;
  HookRecord record_;
  Workers workers_;
  BufferPool pool_;
  std::vector<char> buffer_;
  Sockets sockets_;
  DeadlineWheel wheel_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by slot
  std::size_t connection_count_ = 0;
  std::vector<Connection*> turns_;  // have more to do at once; room for all, so that none allocates while it serves
  std::vector<Connection*> turns_now_;
  Latch::Phase obeyed_ = Latch::Phase::serving;
  std::atomic<bool> news_{false};
  bool accepting_ = true;
  bool listener_ready_ = true;
  Instant accept_again_ = never;

  std::vector<Watched*> watched_;  // by slot
  Instant operations_due_ = never;
  DeferredOperations operations_;
};

}  // namespace asyncd
