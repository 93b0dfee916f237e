// What a handler is put through, point by point; false: the point has failed. Main thread, which
// starts others for a while.
#pragma once

#include <string>
#include <string_view>

#include "cmd/handler_check/subject.h"

namespace asyncd {

// The values that it is served with have to do. Others it may refuse, with a reason.
bool check_options(Subject& subject);
bool check_life_cycle(Subject& subject);
// What clients might send, by chance. In the two ways in which backends serve a handler that waits;
// for others they are one.
bool check_messages(Subject& subject, bool deferred);
// Bytes that may be messages of its protocol, and hardly ever are, in pieces.
bool check_frames(Subject& subject);

// The message in the framing in which any bytes are one.
std::string with_prefix(const Service& service, std::string_view message);

}  // namespace asyncd
