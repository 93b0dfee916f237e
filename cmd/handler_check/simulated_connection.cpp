#include "cmd/handler_check/simulated_connection.h"

namespace asyncd {

void SimulatedConnection::send(std::string_view bytes) {
  session_.on_bytes(bytes);
  work();
}

void SimulatedConnection::send_end() {
  session_.on_eof();
  work();
}

void SimulatedConnection::cut() {
  session_.on_failed(CloseReason::client_reset);
  work();
}

bool SimulatedConnection::settle() {
  while (session_.has_calls() && operations_.run()) {
  }
  return !session_.has_calls();
}

void SimulatedConnection::send_output() {
  session_.on_sent(session_.pending_output().size(), Clock::now());
}

// Until there is nothing more to do now.
void SimulatedConnection::work() {
  std::size_t sent = 0;
  do {
    while (!session_.finished() && session_.run(Clock::now())) {
    }
    sent = session_.pending_output().size();
    send_output();
  } while (sent != 0 && !session_.finished());
  if (session_.finished()) session_.forget_calls();
}

}  // namespace asyncd
