// The system's own loader of libraries, and what it calls their files. Start-up and reload only.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace asyncd {

// The code of the library that is at `path`, or of a copy of it at `name`; what it needs is looked
// for beside `path` where the system does so at all. The error is of ExitCode::handler_rejected,
// has the system's own words, and calls the library `path`.
Result<void*> load_code(const std::string& name, const std::string& path);

// Null where there is none.
const void* find_symbol(void* code, const char* name);

std::string_view library_suffix();  // ".so", ".dylib" or ".dll"

}  // namespace asyncd
