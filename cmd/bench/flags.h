// The flags and commands of `asyncd bench`: a table, for its parser and its help.
#pragma once

#include "cmd/cli/command_line.h"

namespace asyncd::bench {

const Grammar& grammar();
std::string_view examples();

}  // namespace asyncd::bench
