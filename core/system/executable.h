// Where this program is. Start-up only.
#pragma once

#include <filesystem>

namespace asyncd {

// The running program's file, links resolved; empty where the system does not tell.
std::filesystem::path executable_path();

}  // namespace asyncd
