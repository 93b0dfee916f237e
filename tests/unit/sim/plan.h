// What the handler of the simulations does for a message before its reply is whole, where it may
// wait: a pure function of the message's bytes, so that the handler and the oracle cannot disagree
// by themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/session/framing.h"
#include "handler.h"

namespace sim {

// How a handler waits.
struct Manner {
  bool waits = false;  // else it is the one that answers at once
  std::uint32_t concurrency = ASYNCD_PER_CONNECTION;
  // sends parts of its replies; then a call's time depends on its client
  bool flushes = false;
  std::size_t longest_flushed = 0;  // which are not longer than this
  bool sticks = false;              // now and then waits for what never comes
  bool hurried = false;             // has little time for a call, but enough unless that sticks ...

  // ... or has to wait for those of other connections.
  bool may_time_out() const { return concurrency == ASYNCD_SERIAL && hurried; }
};

struct Step {
  enum class Does : std::uint8_t {
    sleep,
    open,   // a ticket, which will be posted
    wait,   // for the ticket
    both,   // opens one, waits for it, and sleeps
    flush,  // once `part` more bytes of the reply are written
    hurry,  // many operations that end at once
    stick,  // waits for a ticket that is never posted
  };
  Does does = Does::sleep;
  asyncd::Duration time{};     // of a sleep
  asyncd::Duration post{};     // so long after it was opened
  asyncd::Duration timeout{};  // of what may take longer; 0: none
  std::size_t part = 0;
};

struct Plan {
  Answer answer;  // once all of it is done
  std::vector<Step> steps;
};
Plan plan_of(std::string_view message, char mark, const Manner& manner);

// A call that neither sticks nor flushes, nor waits for its turn, has ended by then, on any loop of
// the simulations.
inline constexpr asyncd::Duration longest_call = std::chrono::milliseconds(1000);

// Bytes before a reply of this size.
std::string prefix_of(const asyncd::Framing& framing, std::size_t size);

}  // namespace sim
