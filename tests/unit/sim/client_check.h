// What one client may see, and what the server may do to it, judged after the run by the client's
// script, the oracle and the times at which things moved.
#pragma once

#include <cstddef>

#include "oracle.h"
#include "scenario.h"

namespace sim {

struct ClientCase {
  const Scenario& scenario;
  const Faults& faults;
  const Serving& serving;  // what it was served with
  const asyncd::test::SimPeer& peer;
  const Expected& expected;
  bool calm;
};

// What is promised of a drain: so long after its beginning, or after a client was taken in, no
// client is late.
inline constexpr asyncd::Duration grace = std::chrono::milliseconds(100);
inline constexpr asyncd::Duration last_look = std::chrono::milliseconds(10);

void check_client(const ClientCase& one);
void check_times(const ClientCase& one);

// Counts what it came to.
void note_sights(const ClientCase& one, Outcome& outcome);

// Since when the connection was to end as soon as nothing is under way; never: it was not.
asyncd::Instant told_to_end(const ClientCase& one);

// What has arrived before is answered all the same.
asyncd::Instant end_of_grace(const ClientCase& one);

// Whether the server may have given the connection up, with what was under way on it: because the
// client would take no more, or took nothing for too long, because of a stop, because something was
// made to fail, or in the middle of a reply, because its handler has failed.
bool may_be_cut(const ClientCase& one);

// Its last reply was begun, and could not be ended.
bool was_broken_off(const ClientCase& one);

// How late a loop may be.
asyncd::Duration tolerance(const Scenario& scenario);

std::size_t total_before(asyncd::Instant time, const std::vector<asyncd::test::Move>& moves);
asyncd::Instant last_before(asyncd::Instant time, const std::vector<asyncd::test::Move>& moves,
                            asyncd::Instant otherwise);

}  // namespace sim
