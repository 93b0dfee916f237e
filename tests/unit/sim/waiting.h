// The handler of the simulations in its asynchronous form: it answers the same, but waits before
// (plan.h). It sees to it that what its host does with its calls and operations is what
// asyncd.h says. One thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/operations/serial_gate.h"
#include "handler.h"
#include "plan.h"
#include "tests/support/sim_loop.h"

namespace sim {

class WaitingCall;

struct WaitingHandler : Handler {
  Manner manner;
  asyncd::test::SimLoop* loop = nullptr;  // where its calls wait
  asyncd::SerialGate gate;
  std::uint64_t most_in_flight = 1;

  std::map<const asyncd_call*, WaitingCall*> pending;
  std::map<const void*, std::uint64_t> pending_of;  // a connection
  std::string complaint;                            // the first

  // What it came to.
  // a connection's call began while others of it were pending
  std::uint64_t in_flight_together = 0;
  // a reply was ready before that of an earlier message
  std::uint64_t held_back = 0;
  std::uint64_t flushes_waited = 0;                  // though no reply had to go out before
  std::uint64_t failed_in_submit = 0;                // an operation, for want of memory
  std::set<std::string, std::less<>> lacked_memory;  // messages that were answered so

  void complain(const char* what) {
    if (complaint.empty()) complaint = what;
  }
};

// As make_service; the asynchronous form where the handler's manner is to wait.
std::shared_ptr<asyncd::Service> make_waiting_service(WaitingHandler& handler,
                                                      const asyncd::Framing& framing,
                                                      const asyncd::Limits& limits,
                                                      std::uint64_t number);

}  // namespace sim
