// SimLoop: a Loop without sockets, threads or waiting. Time is virtual; a seed decides in which order things complete,
// inline or later, in how many pieces, and after what delay. It serves SimPeers with real Drivers and Sessions, holds
// the Driver to the concept of core/io/loop.h, and can make one operation of a run fail. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/deadline_wheel.h"
#include "core/io/driver.h"
#include "core/io/latch.h"
#include "core/io/stats.h"
#include "tests/support/random.h"
#include "tests/support/sim_peer.h"

namespace asyncd::test {

inline constexpr Instant sim_start = Instant{} + std::chrono::hours(1);

class SimLoop {
 public:
  using Connection = Driver<SimLoop>;

  // How the run goes; chances in percent.
  struct Style {
    std::size_t short_reads = 0;
    std::size_t short_sends = 0;
    std::size_t refused_sends = 0;  // nothing is taken though there is room
    std::size_t vain_reads = 0;     // a wait for input ends without any
    std::size_t inline_reads = 0;
    std::size_t inline_yields = 0;
    std::size_t delays = 0;
    Duration longest_delay{};  // of what is pending
    bool blocking = false;     // a read waits, in slices; for one client at a time
  };
  static constexpr Duration slice = std::chrono::milliseconds(250);

  struct Channel {
    SimPeer* peer = nullptr;
    bool reading = false, sending = false, yielding = false;
    Instant read_at{}, send_at{}, turn_at{};  // when what is pending may complete
    bool read_fails = false;
    bool read_in_vain = false;
    std::string_view unsent;  // what the system has not taken of the output ...
    std::string unsent_copy;  // ... and what it was
  };

  SimLoop(const Service& service, const Style& style, std::uint64_t seed);
  ~SimLoop();

  // Before run. All references outlive the loop.
  void add(SimPeer& peer) { coming_.push_back(&peer); }
  void drain_at(Instant time) { drain_at_ = time; }
  void stop_at(Instant time) { stop_at_ = time; }
  void fail_operation(std::uint64_t number) { failing_ = number; }  // 1 is the first receive or send; 0: none
  void watch(std::function<void(const SimPeer&, const Session&)> watcher) { watcher_ = std::move(watcher); }

  // Until each connection has ended, or one never will.
  void run();

  const std::string& complaint() const { return complaint_; }  // the first breach of the concept, or empty
  std::uint64_t operations() const { return operations_; }
  StatsSnapshot stats() const { return stats_.snapshot(); }

  Channel open_channel(Socket socket);
  Instant now() const { return now_; }
  bool receive(Connection& connection);
  bool send(Connection& connection, std::string_view output);
  bool yield(Connection& connection);
  void shutdown_write(Connection& connection);
  void close(Connection& connection);
  void arm(Connection& connection, Instant deadline);

 private:
  enum class Pending : std::uint8_t { read, send, turn };
  struct Endless {};  // thrown, because a pump that never returns cannot be stopped otherwise
  struct Candidate {
    Connection* connection;
    Pending what;
    Instant at;
  };

  // sim_loop_run.cpp: the world goes on.
  bool turn();
  void connect();
  void adopt(SimPeer& peer);
  void obey();
  void tell(Connection& connection);
  void act();
  void find_candidates();
  bool complete_one();
  bool advance();
  Instant soonest_act() const;
  Latch::Phase phase() const;
  void pump(Connection& connection);
  void observe(Connection& connection);
  void forget(Connection& connection);

  // sim_loop.cpp: what a connection asks for, and how it ends.
  bool obey(Connection& connection);
  void complete(const Candidate& candidate);
  void complete_read(Connection& connection);
  void complete_read_of_closed(Connection& connection);
  void complete_send(Connection& connection);
  void settle_read(Connection& connection, bool fails);
  void wait_for_input(const SimPeer& peer);
  void return_lent();
  void begin(Connection& connection, bool pending, std::string_view what);
  void note(Connection& connection);
  bool fails(SimPeer& peer);
  Instant delayed();
  void complain(const Connection& connection, std::string_view what);

  const Service& service_;
  ServiceSlot services_;
  Workers workers_{services_};
  const Style style_;
  Random random_;
  Instant now_;
  DeadlineWheel wheel_;
  BufferPool pool_;
  Stats stats_;
  std::vector<SimPeer*> coming_;
  std::vector<SimPeer*> peers_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Candidate> candidates_;
  SimPeer* opening_ = nullptr;
  std::unique_ptr<char[]> lent_;  // exactly what was read, so that a sanitizer sees who looks beyond or later
  std::size_t lent_size_ = 0;
  Instant drain_at_ = never;
  Instant stop_at_ = never;
  Latch::Phase obeyed_ = Latch::Phase::serving;
  std::uint64_t operations_ = 0;
  std::uint64_t calls_of_pump_ = 0;
  std::uint64_t failing_ = 0;
  std::function<void(const SimPeer&, const Session&)> watcher_;
  std::string complaint_;
};

}  // namespace asyncd::test
