// The handler of the simulations. What a message is answered is a pure function of its bytes and of
// the handler's mark, so that the handler's hooks and the oracle cannot disagree by themselves. One
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/session/service.h"

namespace sim {

// By a message's first byte:
//   *N  N bytes that differ from place to place     -  no reply
//   .   the reply, then the end                     !  an error in two lines
//   ?   an error without any                        else the message in upper case
struct Answer {
  std::int32_t outcome = ASYNCD_REPLY;
  std::string text;
  bool closes = false;
};
Answer answer_to(std::string_view message, char mark);

struct Handler {
  char mark = ':';               // handlers with other marks answer otherwise
  bool refuses = false;          // every connection
  bool refuses_workers = false;  // on every thread
  std::uint64_t opened = 0;
  std::uint64_t open_now = 0;
  std::uint64_t calls = 0;
  std::uint64_t workers = 0;
  std::uint64_t workers_now = 0;
  bool called_wrongly = false;  // for a connection that is not open, or with a worker of another's
};

// `handler` outlives the service; later services have higher numbers.
std::shared_ptr<asyncd::Service> make_service(Handler& handler, const asyncd::Framing& framing,
                                              const asyncd::Limits& limits,
                                              std::uint64_t number = 1);

// For its other form, which waits (waiting.h).
const asyncd_handler& hooks();
void note_call(Handler& handler, const asyncd_call& call);
bool append(asyncd_call* call, std::string_view text);  // false: it would be too long

}  // namespace sim
