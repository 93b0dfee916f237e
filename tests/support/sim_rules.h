// SimRules: holds the Driver to the concept of core/io/loop.h: what it may ask a loop for, that no
// deadline is missed, and that it knows what is pending. Notes, too, what happens to a client's
// session. The first breach is the world's complaint. Owned by the loop; one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/stage/staged_session.h"
#include "tests/support/sim_peer.h"
#include "tests/support/sim_world.h"

namespace asyncd::test {

class SimRules {
 public:
  struct Endless {};  // thrown, because a pump that never returns cannot be stopped otherwise

  // A connection, as far as the rules go.
  struct Subject {
    std::uint64_t id;
    SimPeer& peer;
    const StagedSession& session;
    bool idle;  // closed, or waits for its turn: no deadline counts
  };

  explicit SimRules(SimWorld& world) : world_(world) {}

  void begin_pump();               // of one connection
  void begin_operations();         // of handlers' calls, for any connection
  void note_fault(SimPeer& peer);  // an allocation has failed since then

  // The driver asks for `what`; `pending`: something of that kind is under way.
  void check_request(const Subject& subject, bool pending, std::string_view what);
  void check_close(const Subject& subject);
  void check_turn(const Subject& subject);
  void check_deadline(const Subject& subject);  // before time goes on
  void check_end(const Subject& subject);       // before it is freed
  void complain(const Subject& subject, std::string_view what);

 private:
  void note_reason(const Subject& subject);
  void note_calls(const Subject& subject);

  SimWorld& world_;
  std::uint64_t requests_ = 0;  // of one pump
  bool failed_ = false;         // an allocation, as far as it has been noted
};

template <class Connection>
SimRules::Subject subject_of(Connection& connection) {
  return {connection.info().id, *connection.channel().peer, connection.session(),
          connection.closed() || connection.yielding()};
}

}  // namespace asyncd::test
