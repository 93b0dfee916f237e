// What the service manager of Windows knows of this process, where it is a service:
// https://learn.microsoft.com/windows/win32/services/services
// Any thread. tell_supervisor and end_process of control.h are its users, too.
#pragma once

#include <windows.h>

namespace asyncd {

inline constexpr wchar_t service_name[] = L"asyncd";
// for so long a service that starts or stops may give no sign of life
inline constexpr DWORD patience_ms = 30'000;

// From here on the process is a service. A null handle: the manager does not know it.
void begin_service_status(SERVICE_STATUS_HANDLE handle);
// The manager hears nothing before that, and nothing after SERVICE_STOPPED.
void report_service_status(DWORD state, DWORD exit_code = NO_ERROR);
DWORD service_exit_code();  // as it was reported

}  // namespace asyncd
