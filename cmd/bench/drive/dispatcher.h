// Dispatcher: which client begins a message, and when: at once where a reply has made room, after
// it has thought, or, in an open loop, when a message is due and the client is free. One owner; one
// thread.
#pragma once

#include <queue>
#include <vector>

#include "cmd/bench/drive/connections.h"

namespace asyncd::bench {

class Dispatcher final : public ConnectionUser {
 public:
  // All outlive it.
  Dispatcher(const LoadPlan& plan, const Course& course, Pace& pace, Connections& connections,
             Random& random)
      : plan_(plan), course_(course), pace_(pace), connections_(connections), random_(random) {}

  void on_room(Client& client, Instant now) override;
  void set_free(Client& client, Instant now) override;

  void begin_all(Instant now);  // on all connections that are open
  void work(Instant now);       // begins what has come due
  Instant next_work();          // when there is some; never: only after a reply

 private:
  struct Timer {
    Instant due;
    std::size_t client;
    unsigned connection;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  void begin(Client& client, Instant intended, Instant now);
  void think(Client& client, Instant now);
  void run_timers(Instant now);
  void dispatch_due(Instant now);
  void serve_free(Instant now);
  Client* find_free();

  const LoadPlan& plan_;
  const Course& course_;
  Pace& pace_;
  Connections& connections_;
  Random& random_;
  std::vector<std::size_t> free_;  // clients that have room for a message
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;  // of those that think
};

}  // namespace asyncd::bench
