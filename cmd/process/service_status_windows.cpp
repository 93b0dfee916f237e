// Reports this process's state to the service manager, and its failures to the event log.
#include "cmd/process/service_status_windows.h"

#include <cstdlib>
#include <mutex>
#include <string>

#include "cmd/process/control.h"
#include "core/text/wide_text_windows.h"

namespace asyncd {

namespace {

struct Running {
  std::mutex mutex;
  SERVICE_STATUS_HANDLE handle = nullptr;
  SERVICE_STATUS status{};
  ULONGLONG told_at_ms = 0;
};
Running running;

constexpr ULONGLONG between_signs_ms = 1000;

// The caller has the mutex.
void report_locked(DWORD state, DWORD exit_code) {
  SERVICE_STATUS& status = running.status;
  // The manager wants to hear nothing of what has stopped.
  if (running.handle == nullptr || status.dwCurrentState == SERVICE_STOPPED) return;
  const ULONGLONG now = ::GetTickCount64();
  const bool again = state == status.dwCurrentState;
  if (again && now - running.told_at_ms < between_signs_ms) return;
  running.told_at_ms = now;
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted =
      state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN : 0;
  status.dwWin32ExitCode = exit_code == NO_ERROR ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
  status.dwServiceSpecificExitCode = exit_code;
  const bool pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
  status.dwCheckPoint = again && pending ? status.dwCheckPoint + 1 : 0;
  status.dwWaitHint = pending ? patience_ms : 0;
  ::SetServiceStatus(running.handle, &status);
}

bool is_service() {
  const std::lock_guard lock(running.mutex);
  return running.handle != nullptr;
}

}  // namespace

void begin_service_status(SERVICE_STATUS_HANDLE handle) {
  const std::lock_guard lock(running.mutex);
  running.handle = handle;
}

void report_service_status(DWORD state, DWORD exit_code) {
  const std::lock_guard lock(running.mutex);
  report_locked(state, exit_code);
}

DWORD service_exit_code() {
  const std::lock_guard lock(running.mutex);
  return running.status.dwServiceSpecificExitCode;
}

void tell_supervisor(ProcessState state) {
  report_service_status(state == ProcessState::serving ? SERVICE_RUNNING : SERVICE_STOP_PENDING);
}

// To the event log, which every Windows has: Event Viewer, Windows Logs, Application.
void tell_supervisor(const Error& failure) {
  constexpr std::size_t longest = 30'000;  // in letters; a little more is allowed
  if (!is_service()) return;
  const HANDLE events = ::RegisterEventSourceW(nullptr, service_name);
  if (events == nullptr) return;
  const std::wstring text = wide(failure.message).substr(0, longest);
  const wchar_t* strings[] = {text.c_str()};
  ::ReportEventW(events, EVENTLOG_ERROR_TYPE, 0, 1, nullptr, 1, 0, strings, nullptr);
  ::DeregisterEventSource(events);
}

void end_process(ExitCode code) {
  // Kept to the end: once the manager has heard of it, run_service goes on, and must not tidy up
  // beside busy threads.
  const std::lock_guard lock(running.mutex);
  report_locked(SERVICE_STOPPED, static_cast<DWORD>(code));
  std::_Exit(static_cast<int>(code));
}

}  // namespace asyncd
