#include "cmd/asyncd/conversation.h"

namespace asyncd {

void Conversation::send(std::string_view bytes) {
  session_.on_bytes(bytes);
  work();
}

void Conversation::send_end() {
  session_.on_eof();
  work();
}

// Until there is nothing more to do; replies go nowhere.
void Conversation::work() {
  do {
    while (session_.run(Clock::now())) {
    }
    session_.on_sent(session_.pending_output().size(), Clock::now());
  } while (session_.needs_turn() && !ended());
}

}  // namespace asyncd
