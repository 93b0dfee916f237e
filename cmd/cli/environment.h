// The process's arguments and environment, in UTF-8. Read once, by main, before any thread exists.
#pragma once

#include <string>
#include <vector>

#include "core/config/load.h"

namespace asyncd {

// Without the program's own name.
std::vector<std::string> read_arguments(int argc, char** argv);

// Sets sources.environment and sources.environment_names.
void read_environment(Sources& sources);

}  // namespace asyncd
