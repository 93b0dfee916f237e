// The system's words for one of its error numbers. Any thread.
#pragma once

#include <string>

namespace asyncd {

std::string error_text(int error);

}  // namespace asyncd
