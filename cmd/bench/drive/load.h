// Load: many clients of one server in one thread: connects them, has them send by the plan, checks
// what comes back and records how long it took. Used once: made, run, read. All failures of the
// network are counted, none ends it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "cmd/bench/drive/chaos.h"
#include "cmd/bench/drive/exchange.h"
#include "cmd/bench/drive/measured.h"
#include "cmd/bench/drive/schedule.h"
#include "cmd/bench/statistics/random.h"
#include "core/net/connect.h"
#include "core/net/poller.h"

namespace asyncd::bench {

struct Ramp {
  std::uint64_t from = 0, to = 0;
  Duration over{};
};

struct LoadPlan {
  std::uint64_t connections = 1;
  std::uint64_t depth = 1;               // messages under way on each
  Duration think_least{}, think_most{};  // before each message of a closed loop
  double rate = 0;                       // messages a second: an open loop; 0: a closed one
  bool poisson = false;
  bool one_shot = false;   // a connection for each message
  std::uint64_t idle = 0;  // silent connections besides
  std::optional<Ramp> ramp;
  ChaosPlan chaos;
  Duration warmup{};
  Duration duration = unlimited_time;  // of measuring; unlimited only with `requests`
  std::uint64_t requests = 0;          // ends after so many; 0: by time alone
  Duration timeout = std::chrono::seconds(10);
  std::uint64_t seed = 1;

  // At once, those that misbehave among them.
  std::uint64_t most_connections() const {
    return std::max(connections, ramp ? ramp->to : 0) + idle;
  }
};

// Who looks on, on the load's thread.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // all that there are is connected and warm
  virtual void on_measuring(std::uint64_t /*connections*/) {}
  virtual void on_measured() {}  // the last moment that counts
  virtual void on_second(const Second&) {}
  virtual bool wants_end() { return false; }  // asked 20 times a second
};

class Load {
 public:
  Load(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape, const Judge& judge,
       Watcher& watcher);

  Result<Measured> run();  // an error: no sockets, or replies that cannot be judged

 private:
  struct Client {
    enum class State : std::uint8_t { closed, connecting, open };

    explicit Client(Exchange made) : exchange(std::move(made)) {}

    Exchange exchange;
    Socket socket;
    Instant since{};            // began to connect, or failed
    Instant intended{};         // one-shot: when its message was due
    Instant free_since{never};  // never: it is not in free_
    unsigned thinking = 0;      // timers that are for it
    unsigned connection = 0;    // counts up, so that timers of an earlier one are known
    State state = State::closed;
    bool silent = false;   // never sends
    bool sending = false;  // waits for room in the system's buffer
    bool replied = false;  // one-shot
    bool heard = false;    // this connection has brought bytes
    // ... or taken messages that get no reply: one message at least is through
    bool served = false;
    bool ill_served = false;  // a reply was wrong, or an error
    bool resumes = false;     // goes on where the connection before has ended
    // the system takes nothing more; what has come before that is read yet
    bool broken = false;
    Verity verity = Verity::right;
  };
  struct Timer {
    Instant due;
    std::size_t client;
    unsigned connection;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  // load.cpp: the course of a run
  void turn(Poller& poller);
  Instant next_turn();
  void tick(Instant now);
  void keep_phase(Instant now);
  void begin_warming(Instant now);
  void begin_measuring(Instant now);
  void end_measuring(Instant now);
  bool is_settled(Instant now) const;
  bool is_over(Instant now) const;
  void count_unanswered();
  void count_waiting(Instant now);

  // load_connections.cpp: one client's connection
  void start_connecting(Client& client, Instant now);
  void keep_connected(Instant now);
  std::uint64_t wanted_connections(Instant now) const;
  void on_event(const Poller::Event& event);
  void on_connected(Client& client, Instant now);
  void on_readable(Client& client);
  void on_end(Client& client, Failure failure, Instant now);
  void drain(Client& client);
  void fail(Client& client, Failure failure, Instant now);
  void drop(Client& client, Instant now);
  void close(Client& client, Instant now);
  void disconnect(Client& client, Instant now);
  void forget_messages(const Client& client);
  void check_timeouts(Instant now);
  void flush(Client& client, Instant now);

  // load_pace.cpp: when messages are sent, and what their replies count for
  void pace(Client& client, Instant now);
  void pace_all(Instant now);
  void pace_free(Instant now);
  void set_free(Client& client, Instant now);
  Client* find_free();
  void begin(Client& client, Instant intended, Instant now);
  void count_begun(Instant intended);
  // Whether one more is to be sent; a warm-up has as many as it takes.
  bool may_begin() const {
    return plan_.requests == 0 || phase_ == Phase::warming || begun_ < plan_.requests;
  }
  // Open loop: whether a message is left that is due before the end; or by now.
  bool is_more_due() const { return may_begin() && schedule_->next() < end_; }
  bool is_due(Instant now) const { return is_more_due() && schedule_->next() <= now; }
  Instant take_due();
  void note_absence(Instant since, Instant now);
  void dispatch_due(Instant now);
  void run_timers(Instant now);
  void think(Client& client, Instant now);
  void on_reply(Client& client, const Moments& moments, Verity verity, Instant now);
  void count_reply(const Moments& moments, Verity verity, Instant now);
  std::size_t index_of(const Client& client) const {
    return static_cast<std::size_t>(&client - clients_.data());
  }
  bool thinks() const { return plan_.think_most.count() != 0; }
  bool is_open_loop() const { return schedule_.has_value(); }
  // Whether something is to come for it yet, and since when.
  bool is_waiting(const Client& client) const;
  Instant waits_since(const Client& client) const;

  const LoadPlan& plan_;
  const Endpoint& endpoint_;
  const Tape& tape_;
  const Judge& judge_;
  Watcher& watcher_;
  Recorder recorder_;
  Random random_;
  std::optional<Schedule> schedule_;
  std::optional<Chaos> chaos_;
  Poller* poller_ = nullptr;
  std::vector<Client> clients_;    // those that are measured, then the silent ones
  std::vector<std::size_t> free_;  // have room for a message
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<char> buffer_;

  enum class Phase : std::uint8_t { connecting, warming, measuring, finishing, over };
  Phase phase_ = Phase::connecting;
  Instant started_{}, phase_began_{}, next_tick_{}, last_life_{}, end_{never};
  // open loop: from when to when the client last did not do its part
  Instant away_{}, back_{};
  std::uint64_t open_ = 0, connecting_ = 0;  // of all clients
  std::uint64_t begun_ = 0, finished_ = 0;   // messages begun, and those through
  Instant vain_{};                           // the last attempt to connect that has failed
  bool too_long_ = false;                    // a reply, to be judged
};

}  // namespace asyncd::bench
