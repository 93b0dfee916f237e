// What is said and done where a client's bytes are no message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/session/close_reason.h"
#include "core/session/framer.h"

namespace asyncd {

// `frame` is neither complete nor short of bytes; `received` are the bytes of its message.
std::string explain(const Frame& frame, std::size_t received, std::uint64_t max_message);
CloseReason reason_of(Frame::Status status);

}  // namespace asyncd
