// SimulatedConnection: a connection to a handler without a network: what is sent goes through a
// Session, as with a client, and replies go nowhere. One thread, which is the worker's.
#pragma once

#include <string_view>

#include "cmd/handler_check/simulated_operations.h"
#include "core/accept/connection_info.h"
#include "core/io/workers.h"
#include "core/session/session.h"

namespace asyncd {

class SimulatedConnection final : private SessionOwner {
 public:
  SimulatedConnection(const Worker& worker, BufferPool& pool, SimulatedOperations& operations)
      : session_(worker.service(), pool, worker.state(), nobody_, Clock::now(),
                 {&operations, static_cast<SessionOwner*>(this)}),
        operations_(operations) {}

  // As they are, framed by their sender.
  void send(std::string_view bytes);
  void send_end();  // the client sends no more
  void cut();       // the client is gone

  // Lets time pass until each of its calls has ended. False: one does not, and neither may this.
  bool settle();

  bool has_calls() const { return session_.has_calls(); }
  bool ended() const { return session_.finished() || session_.wants_shutdown(); }
  bool handler_failed() const { return session_.reason() == CloseReason::handler_failed; }
  const SessionCounters& counters() const { return session_.counters(); }

 private:
  void work() override;
  void send_output() override;

  const ConnectionInfo nobody_;
  Session session_;
  SimulatedOperations& operations_;
};

}  // namespace asyncd
