// The service itself. The manager calls service_main and on_control on threads of its own, with
// nothing of ours.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <system_error>

#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/control_windows.h"
#include "cmd/asyncd/service_windows.h"
#include "core/files/start_folder.h"
#include "core/text/path_text.h"
#include "core/text/wide_text_windows.h"

namespace asyncd {

namespace {

struct Running {
  const Options* options = nullptr;  // set before there is a second thread
  std::mutex mutex;                  // for the rest
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

void report(DWORD state, DWORD exit_code = NO_ERROR) {
  const std::lock_guard lock(running.mutex);
  report_locked(state, exit_code);
}

bool is_service() {
  const std::lock_guard lock(running.mutex);
  return running.handle != nullptr;
}

DWORD WINAPI on_control(DWORD control, DWORD, void*, void*) {
  switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_PRESHUTDOWN:
      report(SERVICE_STOP_PENDING);
      add_request(Request::terminate);
      return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
      return NO_ERROR;
    default:
      return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

int run_guarded(const Options& options) {
  try {
    return run_command(options);
  } catch (const std::exception& unexpected) {
    return complain({ExitCode::failure, std::string("internal error: ") + unexpected.what()});
  }
}

void WINAPI service_main(DWORD, wchar_t**) {
  {
    const std::lock_guard lock(running.mutex);
    running.handle = ::RegisterServiceCtrlHandlerExW(service_name, on_control, nullptr);
  }
  report(SERVICE_START_PENDING);
  report(SERVICE_STOPPED, static_cast<DWORD>(run_guarded(*running.options)));
}

}  // namespace

void tell_supervisor(Phase phase) {
  report(phase == Phase::serving ? SERVICE_RUNNING : SERVICE_STOP_PENDING);
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

int run_service(const Options& options) {
  // Relative paths mean what they meant to the one who installed it. Where its account may not
  // enter that folder, those paths fail by themselves.
  std::error_code ignored;
  if (!options.service_folder.empty())
    std::filesystem::current_path(path_of(options.service_folder), ignored);
  note_start_folder();
  running.options = &options;
  std::wstring name = service_name;
  const SERVICE_TABLE_ENTRYW table[] = {{name.data(), service_main}, {nullptr, nullptr}};
  if (::StartServiceCtrlDispatcherW(table) == 0)
    return complain(service_failure(
        "'asyncd service run' is for the service manager; use 'asyncd service start'"));
  const std::lock_guard lock(running.mutex);
  return static_cast<int>(running.status.dwServiceSpecificExitCode);
}

}  // namespace asyncd
