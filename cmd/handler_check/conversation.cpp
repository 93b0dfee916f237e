#include "cmd/handler_check/conversation.h"

namespace asyncd {

void Conversation::send(std::string_view bytes) {
  session_.on_bytes(bytes);
  work();
}

void Conversation::send_end() {
  session_.on_eof();
  work();
}

void Conversation::cut() {
  session_.on_failed(CloseReason::client_reset);
  work();
}

bool Conversation::settle() {
  while (session_.has_calls() && operations_.run()) {
  }
  return !session_.has_calls();
}

void Conversation::send_output() {
  session_.on_sent(session_.pending_output().size(), Clock::now());
}

// Until there is nothing more to do now.
void Conversation::work() {
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
