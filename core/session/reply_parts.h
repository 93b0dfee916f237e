// Parts of replies (ASYNCD_OP_FLUSH): how what a handler has written so far goes to the client
// before the reply is whole. Replies are sent in order, so a part of a later call waits for its
// turn; and like any reply it waits while there is too much to be sent already.
#pragma once

#include <cstdint>

#include "core/session/call_queue.h"
#include "core/session/output.h"

namespace asyncd {

// As Operations::submit. std::bad_alloc.
std::int32_t flush(Output& output, const CallQueue& calls, AsyncCall& call, asyncd_op& op);

// Output has moved, or a call has been answered: the flush of the first call may go on, or end.
void continue_flush(Output& output, const CallQueue& calls);

// Inline: sends earlier replies, which must not wait with this call. std::bad_alloc.
void send_before_blocking(Output& output, AsyncCall& call);

}  // namespace asyncd
