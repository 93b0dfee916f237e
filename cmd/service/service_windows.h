// asyncd as a service of Windows: https://learn.microsoft.com/windows/win32/services/services
// What service_windows.cpp, which an administrator uses, and service_windows_process.cpp, the
// service, share.
#pragma once

#include <string_view>

#include "cmd/cli/options.h"

namespace asyncd {

// What the last call's error number says; `denied` is the cure where it is about permission.
Error service_failure(std::string_view what, std::string_view denied = "it needs an administrator");

// For the service manager, which starts it: returns when the service has stopped.
int run_service(const Options& options);

}  // namespace asyncd
