// Load: many clients of one server in one thread: connects them, has them send by the plan, checks
// what comes back and records how long it took. Used once: made, run, read. All failures of the
// network are counted, none ends it.
#pragma once

#include <optional>

#include "cmd/bench/drive/chaos.h"
#include "cmd/bench/drive/connections.h"
#include "cmd/bench/drive/dispatcher.h"

namespace asyncd::bench {

// Is told how a load goes, on the load's thread.
class LoadObserver {
 public:
  virtual ~LoadObserver() = default;
  // all that there are is connected and warm
  virtual void on_measuring(std::uint64_t /*connections*/) {}
  virtual void on_measured() {}  // the last moment that counts
  virtual void on_second(const Second&) {}
  virtual bool wants_end() { return false; }  // asked 20 times a second
};

class Load {
 public:
  Load(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape,
       const ReplyChecker& checker, LoadObserver& observer);
  Load(const Load&) = delete;  // its parts refer to each other
  Load& operator=(const Load&) = delete;

  Result<Measured> run();  // an error: no sockets, or replies that cannot be checked

 private:
  void turn();
  void tick(Instant now);
  void keep_phase(Instant now);
  void begin_warming(Instant now);
  void begin_measuring(Instant now);
  void end_measuring(Instant now);
  void end_early(Instant now);
  void count_unanswered();
  void count_waiting(Instant now);

  const LoadPlan& plan_;
  LoadObserver& observer_;
  Random random_;
  Course course_;
  Recorder recorder_;
  Pace pace_;
  Connections connections_;
  Dispatcher dispatcher_;
  std::optional<Chaos> chaos_;
  Instant started_{}, next_tick_{};
};

}  // namespace asyncd::bench
