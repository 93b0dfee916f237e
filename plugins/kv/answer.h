// What the protocol answers to a command that is right.
#pragma once

#include <string_view>

#include "asyncd.hpp"
#include "kv/command.h"
#include "kv/store.h"

namespace kv {

// Of memcached: whose protocol it is. Clients look for what came with it.
inline constexpr std::string_view version = "1.6.0";
inline constexpr std::string_view line_end = "\r\n";

// A line, and its end.
void say(asyncd::reply& reply, std::string_view line);

// Carries the command out. The data, of commands that have some, is without its end.
void answer(const Command& command, std::string_view data, Store& store, Time now, Time started,
            asyncd::reply& reply);

}  // namespace kv
