// The one table of what accept's errors mean, for every backend.
#pragma once

#include <cstdint>

namespace asyncd {

enum class AcceptError : std::uint8_t {
  would_block,      // the queue is empty
  retry,            // this connection is lost, the next one may be fine
  out_of_resource,  // descriptors or memory: wait before the next try
  broken,           // the listening socket itself: a bug of ours
};

AcceptError classify_accept_error(int error);

}  // namespace asyncd
