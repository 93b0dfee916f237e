// Upstream: a call's connection to another server. What both kinds of operations do alike with it.
#pragma once

#include <memory>

#include "core/net/connect.h"
#include "core/session/async_call.h"

// What asyncd.h calls a stream. Owned by its call's operations.
struct asyncd_stream {
  virtual ~asyncd_stream() = default;

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

// The streams of a call.
bool owns(const AsyncCall& call, const asyncd_stream* stream);
void add_stream(AsyncCall& call, std::unique_ptr<asyncd_stream> stream);
void drop_stream(AsyncCall& call, asyncd_stream* stream);  // one of them; it ends

}  // namespace asyncd
