// SimLoop: a Loop without sockets, threads or waiting. Time is virtual; a seed decides in which
// order things complete, inline or later, in how many pieces, and after what delay. It takes
// SimPeers in, as an accepting backend does, serves them with real Drivers, Sessions and Workers,
// and can make one operation of a run fail. Handlers' calls may wait on it, but for other servers
// and for offloaded work. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/accept/stats.h"
#include "core/base/deadline_wheel.h"
#include "core/io/driver.h"
#include "tests/support/sim_io.h"
#include "tests/support/sim_peer.h"
#include "tests/support/sim_queue.h"
#include "tests/support/sim_reactor.h"
#include "tests/support/sim_rules.h"
#include "tests/support/sim_services.h"

namespace asyncd::test {

class SimLoop {
 public:
  using Connection = Driver<SimLoop>;
  using Kind = SimKind;
  using Style = SimStyle;
  static constexpr Duration slice = SimServices::slice;

  struct Channel {
    SimPeer* peer = nullptr;
    SimName name;
  };

  SimLoop(std::shared_ptr<const Service> service, const Style& style, std::uint64_t seed);
  ~SimLoop();
  SimLoop(const SimLoop&) = delete;
  SimLoop& operator=(const SimLoop&) = delete;

  // Before run. All references outlive the loop.
  void add(SimPeer& peer) {
    queue_.add(peer);
    peers_.push_back(&peer);
  }
  void replace(SimServices::Change change) { services_.add(std::move(change)); }
  void drain_at(Instant time) { services_.drain_at(time); }
  void stop_at(Instant time) { services_.stop_at(time); }
  // 1 is the first receive or send; 0: none
  void fail_operation(std::uint64_t number) { io_.fail_operation(number); }
  void watch(std::function<void(const SimPeer&, const Session&)> watcher) {
    watcher_ = std::move(watcher);
  }

  // As another thread does, after a while, and perhaps once more: that does no harm. During run.
  void post_after(Duration delay, std::uint64_t handle) { reactor_.post_after(delay, handle); }

  // Until each connection has ended, or one never will.
  void run();
  void end() { workers_.clear(); }  // as at the end of a loop's thread

  // the first breach of the concept, or empty
  const std::string& complaint() const { return world_.complaint(); }
  std::uint64_t operations() const { return io_.operations(); }
  // that would have met another connection
  std::uint64_t stale_events() const { return io_.stale_events(); }
  std::size_t open_now() const { return connections_.size(); }
  std::size_t open_handles() { return reactor_.open_handles(); }
  StatsSnapshot stats() const { return stats_.snapshot(); }

  Channel open_channel(Socket) { return opening_; }
  Instant now() const { return world_.now; }
  Instant roughly_now() const { return world_.now; }
  bool receive(Connection& connection);
  bool send(Connection& connection, std::string_view output);
  bool yield(Connection& connection);
  std::size_t unread(Connection& connection) { return connection.channel().peer->wire().unread(); }
  Taken taken(Connection& connection) const { return connection.channel().peer->wire().taken(); }
  Stats::Tally& tally() { return tally_; }
  void on_hooks(Connection&, Instant) const {}
  void on_hooks_over(Connection&) const {}
  HookMark* hook_mark() const { return nullptr; }
  Operations* call_operations() { return world_.blocks() ? nullptr : reactor_.operations(); }
  void shutdown_write(Connection& connection);
  void close(Connection& connection);
  void arm(Connection& connection, Instant deadline);

 private:
  using What = SimIo<Connection>::What;

  bool turn();
  void act();
  void accept();
  void adopt();
  void adopt(SimQueue::Accepted accepted);
  Connection* make(SimQueue::Accepted accepted);
  void reject(SimPeer& peer, RejectReason reason);
  bool free_to_accept() const;
  void refresh();
  void tell_all();
  bool obey(Connection& connection);
  bool run_operations();
  void resume(void* driver);

  void wait_for_input(const SimPeer& peer, Duration longest);
  void pump(Connection& connection);
  bool over(Connection& connection) const;
  void check(Connection& connection);
  void forget(Connection& connection);

  void expire();
  bool has_input_waiting(Connection& connection) const;
  bool advance();
  Instant soonest_act() const;
  Instant soonest() const;

  SimWorld world_;
  SimRules rules_{world_};
  SimServices services_;
  SimQueue queue_{world_};
  DeadlineWheel wheel_{world_.now};
  BufferPool pool_;
  Workers workers_{services_.slot()};
  Stats stats_;
  Stats::Tally tally_{stats_};
  std::vector<SimPeer*> peers_;
  SimSlots<Connection> connections_;
  SimIo<Connection> io_;
  Channel opening_;
  SimReactor reactor_{world_, [this](void* driver) { resume(driver); }};
  std::function<void(const SimPeer&, const Session&)> watcher_;
};

}  // namespace asyncd::test
