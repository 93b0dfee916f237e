// A simulation as a whole: what a seed makes of services, clients, the network and the loop's
// style, and the check of all that must hold after it has run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/session/framing.h"
#include "core/session/limits.h"
#include "plan.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_peer.h"

namespace sim {

// A service, and when it takes the place of the one before.
struct Serving {
  asyncd::Framing framing;
  asyncd::Limits limits;
  char mark = ':';               // of its handler
  Manner manner;                 // likewise
  bool refuses = false;          // the handler wants no connection
  bool refuses_workers = false;  // nor any thread
  asyncd::Instant from = asyncd::test::sim_start;
  bool retires = false;  // those before it
};

struct Client {
  asyncd::test::SimPeer::Script script;
  bool calm = false;  // ends by itself, in time, and takes what it gets: it must get everything
};

struct Scenario {
  std::uint64_t seed = 0;
  asyncd::test::SimLoop::Style style;
  std::vector<Serving> services;
  std::vector<Client> clients;
  asyncd::Instant drain = asyncd::never;
  asyncd::Instant stop = asyncd::never;
};
Scenario make_scenario(std::uint64_t seed);
Scenario make_waiting_scenario(std::uint64_t seed);  // with handlers that wait

// Runs it and expects everything that must hold. The operation, or allocation, of this number is
// made to fail; 0: none.
struct Faults {
  std::uint64_t operation = 0;
  std::uint64_t allocation = 0;
};
// What came of it: how much there is to fail, and how often it came to what.
enum class Sight : std::uint8_t {
  reset_by_late_input,      // the client's last bytes were not read
  replies_lost_by_reset,    // and the client had not read all
  input_lost_by_reset,      // the server had not
  answer_after_half_close,  // the client had ended
  stuck_output,             // for a second at least
  input_after_our_end,
  both_ended_at_once,
  gone_before_accepted,
  answer_in_grace,    // to what arrived after a drain's beginning
  accepted_in_drain,  // from the system's queue
  met_closed_port,    // came after the drain
  rejected,           // accepted, but never had a session
  second_service,     // served by one that took another's place
  retired,            // ended, because its service had been replaced
  stopped_under_way,  // with output unsent
  stale_event,        // for a slot that had another connection by then
  // Of handlers that wait.
  call_cut_by_reset,
  call_cut_by_stop,
  call_cut_by_drain_end,  // by a stop, after a drain had waited for it
  call_timed_out,
  reply_broken_off,
  calls_in_flight,      // several of a connection
  reply_held_back,      // until earlier ones were ready
  flush_waited,         // for output to leave
  waited_for_its_turn,  // a call of a serial handler
};
inline constexpr auto sight_count = static_cast<std::size_t>(Sight::waited_for_its_turn) + 1;
inline constexpr auto first_waiting_sight = static_cast<std::size_t>(Sight::call_cut_by_reset);

struct Outcome {
  std::uint64_t operations = 0;
  std::uint64_t allocations = 0;
  std::uint64_t failed_in_submit = 0;  // operations, for want of memory
  std::array<std::uint64_t, sight_count> sights{};
  std::uint64_t digest = 0;  // of everything that moved, and when
};
Outcome check(const Scenario& scenario, const Faults& faults = {});

}  // namespace sim
