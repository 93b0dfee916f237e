// Conversation: a connection to a handler without a network: what is sent goes through a Session, as with a client.
// One thread, which is the worker's.
#pragma once

#include <string_view>

#include "core/io/connection_info.h"
#include "core/io/workers.h"
#include "core/session/session.h"

namespace asyncd {

class Conversation {
 public:
  Conversation(const Worker& worker, BufferPool& pool)
      : session_(worker.service(), pool, worker.state(), nobody_, Clock::now()) {}

  // As they are, framed by whoever sends them.
  void send(std::string_view bytes);
  void send_end();  // the client sends no more
  void cut() { session_.on_failed(CloseReason::client_reset); }

  bool ended() const { return session_.finished() || session_.wants_shutdown(); }
  bool handler_failed() const { return session_.reason() == CloseReason::handler_failed; }
  const SessionCounters& counters() const { return session_.counters(); }

 private:
  void work();

  const ConnectionInfo nobody_;
  Session session_;
};

}  // namespace asyncd
