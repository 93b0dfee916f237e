// SimServices: the services that a SimLoop's new connections get, one after the other, and the
// drain and the stop: all that the rest of a process tells a loop, some time after it has happened.
// Owned by the loop; one thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/accept/service_slot.h"
#include "core/base/stop_flag.h"
#include "tests/support/sim_world.h"

namespace asyncd::test {

class SimServices {
 public:
  static constexpr Duration slice = std::chrono::milliseconds(250);  // of a wait that blocks

  // Another service for the connections to come.
  struct Change {
    Instant at{};
    std::shared_ptr<const Service> service;
    bool retires = false;  // all those before it
  };

  SimServices(SimWorld& world, std::shared_ptr<const Service> service);

  void add(Change change) { changes_.push_back(std::move(change)); }  // in order of time
  void drain_at(Instant time) { drain_at_ = time; }
  void stop_at(Instant time) { stop_at_ = time; }

  const ServiceSlot& slot() const { return slot_; }
  std::size_t count() const { return count_; }  // that there have been
  void replace();                               // publishes the changes that are due

  // True, once for each change: the loop learns of it now, and will look after its workers.
  bool is_told_of_change();
  bool wants_refresh() const { return wants_refresh_; }
  void on_refreshed() { wants_refresh_ = false; }

  // What the stop flag of a real loop would say to one that looks.
  StopFlag::Phase phase() const;
  bool has_new_phase();  // once for each
  Instant drain_began() const { return drain_at_; }

  Instant next_change() const { return changes_.empty() ? never : changes_.front().at; }
  Instant told_at() const { return told_at_; }
  Instant next_phase() const;

 private:
  SimWorld& world_;
  ServiceSlot slot_;
  std::size_t count_ = 1;
  std::vector<Change> changes_;
  Instant told_at_ = never;
  bool wants_refresh_ = false;
  Instant drain_at_ = never;
  Instant stop_at_ = never;
  Duration notice_{};  // after so long the loop learns of them
  StopFlag::Phase obeyed_ = StopFlag::Phase::serving;
};

}  // namespace asyncd::test
