// The oracle of the simulations: what a client gets for all that it sends, computed straight from the bytes, without a
// session, a framer, or time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/session/session.h"
#include "sim_scenario.h"

namespace sim {

struct Expected {
  std::string output;
  asyncd::CloseReason reason = asyncd::CloseReason::client_closed;
  asyncd::SessionCounters counters;
  // After so many messages: bytes used of the input, and made of output.
  std::vector<std::size_t> input_after{0};
  std::vector<std::size_t> output_after{0};
  bool last_needs_end = false;  // the last message is one only once the client has ended

  std::size_t messages_in(std::size_t bytes) const;  // complete ones, in so much of the input
};

// For a client that sends `input` and ends. `reads`, how the server got it, matters to raw framing only.
Expected expect(const Serving& serving, std::string_view input, const std::vector<asyncd::test::Move>& reads);

// Bytes before a reply of this size.
std::string prefix_of(const asyncd::Framing& framing, std::size_t size);

}  // namespace sim
