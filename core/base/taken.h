// Taken: how much of what was sent the other side has taken, as far as the system tells. Sockets
// know it, sessions want it; a plain value, from one look to the next.
#pragma once

#include <cstdint>

namespace asyncd {

struct Taken {
  std::uint64_t bytes = 0;  // of all that was sent; never more than the system knows to be true
  // our system has some of it still, which the other one has not acknowledged
  bool held = false;
};

}  // namespace asyncd
