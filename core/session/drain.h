// Drain: a connection is to end between two messages, from a given time on. What the client sent
// before it could know of that is still served: once the time has come, the loop looks how much has
// arrived, and the connection ends when it has received so many bytes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"

namespace asyncd {

class Drain {
 public:
  void begin(Instant earliest) {
    if (!begun()) earliest_ = earliest;
  }
  bool begun() const { return earliest_ != never; }

  bool wants_look(Instant now) const { return begun() && !looked_ && now >= earliest_; }
  void on_look(std::uint64_t arrived_in_all) {
    looked_ = true;
    arrived_ = arrived_in_all;
  }
  bool looked() const { return looked_; }
  bool is_served(std::uint64_t received) const { return looked_ && received >= arrived_; }
  Instant look_at() const { return looked_ ? never : earliest_; }

  // How long a client that has all its replies and says nothing may hold up the end.
  Duration linger_limit(Duration usual) const {
    constexpr Duration longest = std::chrono::milliseconds(500);
    return begun() ? std::min(usual, longest) : usual;
  }

 private:
  Instant earliest_ = never;
  std::uint64_t arrived_ = 0;
  bool looked_ = false;
};

}  // namespace asyncd
