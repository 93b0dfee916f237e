// The handler of the simulations. What a message is answered is a pure function of its bytes, so that the handler's
// hooks and the oracle cannot disagree by themselves. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/session/service.h"

namespace sim {

// By a message's first byte:
//   *N  N bytes that differ from place to place     -  no reply                   .  the reply, then the end
//   !   an error in two lines                       ?  an error without any       else the message in upper case
struct Answer {
  std::int32_t outcome = ASYNCD_REPLY;
  std::string text;
  bool closes = false;
};
Answer answer_to(std::string_view message);

struct Handler {
  bool refuses = false;  // every connection
  std::uint64_t opened = 0;
  std::uint64_t open_now = 0;
  std::uint64_t calls = 0;
  bool called_wrongly = false;  // for a connection that is not open
};

// `handler` outlives the service.
std::unique_ptr<asyncd::Service> make_service(Handler& handler, const asyncd::Framing& framing,
                                              const asyncd::Limits& limits);

}  // namespace sim
