// The most memory that sessions may come to hold, however their clients behave, in bytes.
#pragma once

#include <cstdint>

namespace asyncd {

struct Limits;
struct Service;

std::uint64_t most_buffered(const Limits& limits);    // in one session's buffers
std::uint64_t most_in_calls(const Service& service);  // on an event loop: in its calls that wait

}  // namespace asyncd
