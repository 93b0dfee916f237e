// The oracle of the simulations: what a client gets for all that it sends, computed straight from
// the bytes, without a session, a framer, or time.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/session/session.h"
#include "scenario.h"

namespace sim {

struct Expected {
  std::string output;
  asyncd::CloseReason reason = asyncd::CloseReason::client_closed;
  asyncd::SessionCounters counters;
  // After so many messages: bytes used of the input, and made of output.
  std::vector<std::size_t> input_after{0};
  std::vector<std::size_t> output_after{0};
  bool last_needs_end = false;  // the last message is one only once the client has ended
  bool breaks_off = false;      // in the middle of the last reply, because its handler has failed

  std::size_t messages_in(std::size_t bytes) const;  // complete ones, in so much of the input
};

// What has come to be where more than one thing may: how the server got the input, which matters to
// raw framing, and what it wrote, which tells the fate of calls whose time, or memory, may have
// been over.
struct Seen {
  const std::vector<asyncd::test::Move>& reads;
  std::string_view written;
  const std::set<std::string, std::less<>>& lacked_memory;  // messages: the handler has said so
};

// For a client that sends `input` and ends.
Expected expect(const Serving& serving, std::string_view input, const Seen& seen);

}  // namespace sim
