// What asyncd tells of itself when it is asked: all of it, or one command. Used once, by the main
// thread.
#pragma once

#include <string>

#include "cmd/cli/options.h"

namespace asyncd {

// What --help prints.
std::string help_text();

// What --help prints after a command: what it does, its own options, its exit codes.
std::string help_text(Command command);

}  // namespace asyncd
