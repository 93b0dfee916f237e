// SimLoop: a Loop without sockets, threads or waiting. Time is virtual; a seed decides in which
// order things complete, inline or later, in how many pieces, and after what delay. It takes
// SimPeers in, as an accepting backend does, serves them with real Drivers, Sessions and Workers,
// holds the Driver to the concept of core/io/loop.h, and can make one operation of a run fail.
// Handlers' calls may wait on it, but for other servers and for offloaded work. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/accept/stats.h"
#include "core/base/deadline_wheel.h"
#include "core/base/latch.h"
#include "core/io/driver.h"
#include "core/operations/deferred_operations.h"
#include "tests/support/random.h"
#include "tests/support/sim_peer.h"
#include "tests/support/sim_slots.h"

namespace asyncd::test {

inline constexpr Instant sim_start = Instant{} + std::chrono::hours(1);

class SimLoop final : private Reactor {
 public:
  using Connection = Driver<SimLoop>;
  using Connections = SimSlots<Connection>;

  enum class Kind : std::uint8_t {
    // what is pending at a close completes all the same, and the last of it frees the connection
    completions,
    readiness,  // a close ends what is pending, though an event of it may be on its way already
    blocking,   // a read waits, in slices; for one client at a time
  };

  // How the run goes; chances in percent.
  struct Style {
    Kind kind = Kind::completions;
    std::size_t short_reads = 0;
    std::size_t short_sends = 0;
    std::size_t refused_sends = 0;  // nothing is taken though there is room
    std::size_t vain_reads = 0;     // a wait for input ends without any
    std::size_t inline_reads = 0;
    std::size_t inline_yields = 0;
    std::size_t delays = 0;
    Duration longest_delay{};           // of what is pending, and of what the loop is told
    std::size_t most_cached = 4 << 20;  // by its buffers
  };
  static constexpr Duration slice = std::chrono::milliseconds(250);

  struct Channel {
    SimPeer* peer = nullptr;
    Connections::Name name;
  };

  // Another service for the connections to come.
  struct Change {
    Instant at{};
    std::shared_ptr<const Service> service;
    bool retires = false;  // all those before it
  };

  SimLoop(std::shared_ptr<const Service> service, const Style& style, std::uint64_t seed);
  ~SimLoop() override;

  // Before run. All references outlive the loop.
  void add(SimPeer& peer) {
    coming_.push_back(&peer);
    peers_.push_back(&peer);
  }
  void replace(Change change) { changes_.push_back(std::move(change)); }  // in order of time
  void drain_at(Instant time) { drain_at_ = time; }
  void stop_at(Instant time) { stop_at_ = time; }
  // 1 is the first receive or send; 0: none
  void fail_operation(std::uint64_t number) { failing_ = number; }
  void watch(std::function<void(const SimPeer&, const Session&)> watcher) {
    watcher_ = std::move(watcher);
  }

  // As another thread does, after a while, and perhaps once more: that does no harm. During run.
  void post_after(Duration delay, std::uint64_t ticket) {
    posts_.push_back({after(now_, delay), ticket});
  }

  // Until each connection has ended, or one never will.
  void run();
  void end() { workers_.clear(); }  // as at the end of a loop's thread

  // the first breach of the concept, or empty
  const std::string& complaint() const { return complaint_; }
  std::uint64_t operations() const { return operations_begun_; }
  // that would have met another connection
  std::uint64_t stale_events() const { return stale_events_; }
  std::size_t open_now() const { return connections_.size(); }
  StatsSnapshot stats() const { return stats_.snapshot(); }

  Channel open_channel(Socket socket);
  Instant now() const override { return now_; }
  Instant roughly_now() const { return now_; }
  bool receive(Connection& connection);
  bool send(Connection& connection, std::string_view output);
  bool yield(Connection& connection);
  std::size_t unread(Connection& connection) { return connection.channel().peer->wire().unread(); }
  Taken taken(Connection& connection) const { return connection.channel().peer->wire().taken(); }
  Stats::Tally& tally() { return tally_; }
  void on_hooks(Connection&, Instant) const {}
  void on_hooks_over(Connection&) const {}
  HookMark* hook_mark() const { return nullptr; }
  Operations* call_operations() { return style_.kind == Kind::blocking ? nullptr : &waits_; }
  void shutdown_write(Connection& connection);
  void close(Connection& connection);
  void arm(Connection& connection, Instant deadline);

 private:
  enum class Pending : std::uint8_t { read, send, turn };
  struct Operation {
    Connections::Name owner;
    Pending what = Pending::read;
    Instant at{};  // when it may complete
    bool fails = false;
    bool in_vain = false;
    std::string_view unsent;  // what the system has not taken of the output ...
    std::string unsent_copy;  // ... and what it was
  };
  struct Event {
    Connections::Name owner;
    Pending what;
  };
  struct Accepted {
    SimPeer* peer;
    NewConnection connection;
    Instant adopted_at;
  };
  struct Post {
    Instant at;
    std::uint64_t ticket;
  };
  struct Endless {};  // thrown, because a pump that never returns cannot be stopped otherwise

  // sim_loop_run.cpp: time goes on.
  bool turn();
  void act();
  bool may_complete(const Operation& operation) const;
  bool complete_one();
  void collect_events();
  bool advance();
  Instant soonest_act() const;
  Instant soonest() const;
  void pump(Connection& connection);
  void observe(Connection& connection);
  void expire();
  bool has_input_waiting(Connection& connection) const;
  bool is_late_with_input(Connection& connection) const;
  void check_deadlines();
  void forget(Connection& connection);

  // sim_loop_operations.cpp: what handlers' calls wait for.
  void run_operations_at(Instant when) noexcept override;
  void on_hook(void*, Instant now) override { hook_began_ = now; }
  void resume(void* driver) override;
  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override;
  void wake() noexcept override;
  bool run_operations();
  Instant operations_due() const { return std::min(operations_at_, woken_at_); }
  void post_tickets();
  bool over(Connection& connection) const;
  void note_calls(Connection& connection);
  void note_fault(Connection& connection);

  // sim_loop_accept.cpp: clients come, services are replaced, and the end comes.
  void arrive();
  void accept();
  void adopt();
  void adopt(Accepted accepted);
  Connection* make(Accepted accepted);
  void reject(SimPeer& peer, RejectReason reason);
  bool free_to_accept() const;
  void stop_listening();
  void replace();
  void refresh();
  void obey();
  void tell_all();
  bool obey(Connection& connection);
  Latch::Phase phase() const;

  // sim_loop.cpp: what a connection asks for, and how it ends.
  static void need_memory();  // as an operation of a real loop may, to begin
  void complete(Operation operation);
  void complete_read(Connection& connection, const Operation& operation);
  void complete_read_of_closed(Connection& connection);
  void complete_send(Connection& connection, const Operation& operation);
  void give_up_operations(Connection& connection);
  void settle_read(Connection& connection, bool fails);
  void wait_for_input(const SimPeer& peer, Duration longest);
  void return_lent();
  bool pending(Connection& connection, Pending what) const;
  void begin(Connection& connection, bool pending, std::string_view what);
  void note(Connection& connection);
  bool fails(SimPeer& peer);
  Instant delayed() { return delayed(now_); }
  Instant delayed(Instant time);
  void complain(const Connection& connection, std::string_view what);

  const Style style_;
  Random random_;
  Instant now_ = sim_start;
  DeadlineWheel wheel_{now_};
  BufferPool pool_;
  const std::size_t input_buffer_;
  ServiceSlot services_;
  std::size_t service_count_ = 1;
  Workers workers_{services_};
  Stats stats_;
  Stats::Tally tally_{stats_};

  std::vector<SimPeer*> peers_;
  std::vector<SimPeer*> coming_;  // on their way
  std::vector<SimPeer*> queue_;   // wait to be accepted
  std::vector<Accepted> accepted_;
  bool listening_ = true;
  Instant accept_at_ = never;
  Connections connections_;
  std::vector<Operation> operations_;
  std::vector<Event> events_;
  std::uint64_t stale_events_ = 0;
  Channel opening_;
  // exactly what was read, so that a sanitizer sees who looks beyond or later
  std::unique_ptr<char[]> lent_;
  std::size_t lent_size_ = 0;

  std::vector<Change> changes_;
  Instant refresh_at_ = never;
  bool wants_refresh_ = false;
  Instant drain_at_ = never;
  Instant stop_at_ = never;
  Duration notice_{};  // after so long the loop learns of them
  Latch::Phase obeyed_ = Latch::Phase::serving;

  OffloadPool no_threads_{0};
  Instant hook_began_{};
  DeferredOperations waits_{*this, no_threads_};  // of the calls
  Instant operations_at_ = never;
  Instant woken_at_ = never;
  std::vector<Post> posts_;
  bool failed_ = false;  // an allocation, as far as it has been noted

  std::uint64_t operations_begun_ = 0;
  std::uint64_t calls_of_pump_ = 0;
  std::uint64_t failing_ = 0;
  std::function<void(const SimPeer&, const Session&)> watcher_;
  std::string complaint_;
};

}  // namespace asyncd::test
