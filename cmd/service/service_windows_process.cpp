// The service itself. The manager calls service_main and on_control on threads that it creates;
// nothing of asyncd has been set up on them.
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>

#include "cmd/cli/report.h"
#include "cmd/process/control_windows.h"
#include "cmd/process/service_status_windows.h"
#include "cmd/serve/commands.h"
#include "cmd/service/service_windows.h"
#include "core/files/start_folder.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

const Options* service_options = nullptr;  // set before there is a second thread

DWORD WINAPI on_control(DWORD control, DWORD, void*, void*) {
  switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_PRESHUTDOWN:
      report_service_status(SERVICE_STOP_PENDING);
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
  begin_service_status(::RegisterServiceCtrlHandlerExW(service_name, on_control, nullptr));
  report_service_status(SERVICE_START_PENDING);
  report_service_status(SERVICE_STOPPED, static_cast<DWORD>(run_guarded(*service_options)));
}

}  // namespace

int run_service(const Options& options) {
  // Relative paths begin in the folder in which the user installed the service. If the service's
  // account may not enter that folder, opening those paths fails.
  std::error_code ignored;
  if (!options.service_folder.empty())
    std::filesystem::current_path(path_of(options.service_folder), ignored);
  note_start_folder();
  service_options = &options;
  std::wstring name = service_name;
  const SERVICE_TABLE_ENTRYW table[] = {{name.data(), service_main}, {nullptr, nullptr}};
  if (::StartServiceCtrlDispatcherW(table) == 0)
    return complain(service_failure(
        "'asyncd service run' is for the service manager; use 'asyncd service start'"));
  return static_cast<int>(service_exit_code());
}

}  // namespace asyncd
