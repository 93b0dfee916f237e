// Counted memory: what a handler in an examination has of the memory of its calls (host_allocate,
// host_release). Of one handler at a time; a call's is counted on its thread.
#pragma once

#include <cstddef>

#include "sdk/asyncd.h"

namespace asyncd {

// The same hooks, but what they allocate is counted from here on.
asyncd_handler with_counted_memory(const asyncd_handler& hooks);

// The end of a call: how many pieces it still has, which are forgotten.
std::size_t take_pieces(const asyncd_call& call);

}  // namespace asyncd
