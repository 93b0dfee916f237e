// Upstream: a call's connection to another server. What both kinds of operations do alike with it.
#pragma once

#include <span>
#include <string_view>

#include "core/net/connect.h"
#include "core/session/async_call.h"

// What asyncd.h calls a stream. Owned by its call's operations.
struct asyncd_stream {
  asyncd_stream* next = nullptr;  // of the call
  asyncd_op* reading = nullptr;   // under way
  asyncd_op* writing = nullptr;   // likewise; or connecting
};

namespace asyncd {

// The address that a connect names. False: it cannot be one; the operation has failed.
bool read_address(asyncd_op& op, Address& address);

// One try of what `op` asks for. True: it has ended, with its result.
bool read_upstream(asyncd_op& op, NativeSocket socket);
bool write_upstream(asyncd_op& op, NativeSocket socket);

void fail(asyncd_op& op, int error);

// Whether `stream` is one of the call's.
bool owns(const AsyncCall& call, const asyncd_stream* stream);

}  // namespace asyncd
