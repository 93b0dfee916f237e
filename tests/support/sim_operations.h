// SimOperations: what the connections of a SimLoop have begun and what has not completed, and the
// events that tell of it. Several events are taken at once, as a loop does: meanwhile one may have
// made another one stale. Owned by the loop; one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/sim_slots.h"
#include "tests/support/sim_world.h"

namespace asyncd::test {

class SimOperations {
 public:
  enum class What : std::uint8_t { read, send, turn };
  struct Operation {
    SimName owner;
    What what = What::read;
    Instant at{};  // when it may complete
    bool fails = false;
    bool in_vain = false;
    std::string_view unsent;  // what the system has not taken of the output ...
    std::string unsent_copy;  // ... and what it was
  };
  struct Event {
    SimName owner;
    What what;
  };

  explicit SimOperations(SimWorld& world) : world_(world) {}

  void begin(Operation operation) { operations_.push_back(std::move(operation)); }
  bool pending(SimName owner, What what) const;
  bool any_of(SimName owner) const;
  // Its owner is closed: they complete all the same, or are forgotten, though an event of theirs
  // may be on its way already.
  void give_up(SimName owner);

  // One of those whose operation may complete by now. Nothing: there is none.
  template <class MayComplete>
  std::optional<Event> next_event(MayComplete may_complete) {
    if (events_.empty())
      for (const Operation& one : operations_)
        if (one.at <= world_.now && may_complete(one)) events_.push_back({one.owner, one.what});
    if (events_.empty()) return std::nullopt;
    return pick_event();
  }
  // Nothing: the event is stale.
  std::optional<Operation> take(const Event& event);

  template <class MayComplete>
  Instant soonest(MayComplete may_complete) const {
    Instant soonest = never;
    for (const Operation& one : operations_)
      if (may_complete(one)) soonest = std::min(soonest, one.at);
    return soonest;
  }

 private:
  Event pick_event();

  SimWorld& world_;
  std::vector<Operation> operations_;
  std::vector<Event> events_;
};

}  // namespace asyncd::test
