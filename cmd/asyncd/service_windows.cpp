// asyncd as a service of Windows: https://learn.microsoft.com/windows/win32/services/services
#include <windows.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/control_windows.h"
#include "core/base/log.h"
#include "core/base/path_text.h"
#include "core/base/system_paths.h"

namespace asyncd {

namespace {

wchar_t service_name[] = L"asyncd";
constexpr DWORD start_patience_ms = 30'000;
constexpr DWORD stop_patience_ms = 60'000;  // more than an ordinary drain takes

struct CloseService {
  void operator()(SC_HANDLE handle) const { ::CloseServiceHandle(handle); }
};
using ServiceHandle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseService>;

Error failure(const std::string& what) {
  const DWORD code = ::GetLastError();
  const ExitCode exit = code == ERROR_ACCESS_DENIED            ? ExitCode::permission
                        : code == ERROR_SERVICE_DOES_NOT_EXIST ? ExitCode::not_found
                                                               : ExitCode::failure;
  return {exit, what + ": " + std::system_category().message(static_cast<int>(code)) +
                    (exit == ExitCode::permission ? " (it needs an administrator)" : "")};
}

// ---- the service itself: the manager calls service_main on a thread of its own, with nothing of ours

struct Running {
  const Options* options = nullptr;
  SERVICE_STATUS_HANDLE handle = nullptr;
  SERVICE_STATUS status{};
};
Running running;

void report(DWORD state, DWORD exit_code = NO_ERROR) {
  if (running.handle == nullptr) return;
  SERVICE_STATUS& status = running.status;
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN : 0;
  status.dwWin32ExitCode = exit_code == NO_ERROR ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
  status.dwServiceSpecificExitCode = exit_code;
  status.dwWaitHint = state == SERVICE_STOP_PENDING ? stop_patience_ms : start_patience_ms;
  ::SetServiceStatus(running.handle, &status);
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

void WINAPI service_main(DWORD, wchar_t**) {
  running.handle = ::RegisterServiceCtrlHandlerExW(service_name, on_control, nullptr);
  report(SERVICE_START_PENDING);
  const int code = run_command(*running.options);
  report(SERVICE_STOPPED, static_cast<DWORD>(code));
}

int run_service(const Options& options) {
  running.options = &options;
  const SERVICE_TABLE_ENTRYW table[] = {{service_name, service_main}, {nullptr, nullptr}};
  if (::StartServiceCtrlDispatcherW(table) == 0)
    return complain(failure("'asyncd service run' is for the service manager; use 'asyncd service start'"));
  return static_cast<int>(running.status.dwServiceSpecificExitCode);
}

// ---- what an administrator does with it

// As the C library's start-up code splits it again.
std::string quoted(const std::string& argument) {
  std::string out = "\"";
  std::size_t backslashes = 0;
  for (const char c : argument) {
    if (c == '"') out.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    out += c;
  }
  return out.append(backslashes, '\\') + "\"";
}

// What the service is started with: the settings given now, with files that are found from anywhere.
std::wstring command_line(const Options& options) {
  const Sources& sources = options.sources;
  std::vector<std::string> arguments{path_text(executable_path()), "service", "run"};
  const auto add = [&](const std::string& flag, const auto& value) {
    if (value) arguments.push_back(flag + "=" + *value);
  };
  if (sources.config_file)
    arguments.push_back("--config=" + path_text(std::filesystem::absolute(path_of(*sources.config_file))));
  if (!sources.find_config) arguments.emplace_back("--no-config");
  add("--backend", sources.backend);
  add("--handler", sources.handler);
  add("--framing", sources.framing);
  for (const std::string& address : sources.listen) arguments.push_back("--listen=" + address);
  for (const std::string& folders : sources.handler_path) arguments.push_back("--handler-path=" + folders);
  for (const std::string& assignment : sources.assignments) {
    arguments.emplace_back("-o");
    arguments.push_back(assignment);
  }
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + quoted(argument);
  return path_of(line).wstring();
}

Result<ServiceHandle> open_manager(DWORD rights) {
  ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, rights));
  if (!manager) return failure("cannot reach the service manager");
  return manager;
}

Result<ServiceHandle> open_service(DWORD rights) {
  Result<ServiceHandle> manager = open_manager(SC_MANAGER_CONNECT);
  if (!manager) return manager.error();
  ServiceHandle service(::OpenServiceW(manager->get(), service_name, rights));
  if (!service) return failure("there is no service asyncd that could be used; 'asyncd service install' makes it");
  return service;
}

// The service's last status, once it is `wanted` or the time is over.
SERVICE_STATUS_PROCESS wait_for_state(const ServiceHandle& service, DWORD wanted, DWORD patience_ms) {
  SERVICE_STATUS_PROCESS status{};
  DWORD size = 0;
  for (const ULONGLONG end = ::GetTickCount64() + patience_ms;; ::Sleep(50)) {
    if (::QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status), sizeof status,
                               &size) == 0)
      return status;
    const bool ended = status.dwCurrentState == SERVICE_STOPPED;
    if (status.dwCurrentState == wanted || ended || ::GetTickCount64() >= end) return status;
  }
}

void describe(const ServiceHandle& service) {
  wchar_t text[] = L"Puts handlers on the network (asyncd)";
  SERVICE_DESCRIPTIONW description{text};
  ::ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_DESCRIPTION, &description);
  SERVICE_PRESHUTDOWN_INFO preshutdown{stop_patience_ms};
  ::ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_PRESHUTDOWN_INFO, &preshutdown);
}

int install(const Options& options) {
  // Mistakes are shown to the one who makes them, not to a service that nobody watches.
  const Result<Loaded> loaded = load_and_warn(options.sources);
  if (!loaded) return complain(loaded.error());
  const Result<ServiceHandle> manager = open_manager(SC_MANAGER_CREATE_SERVICE);
  if (!manager) return complain(manager.error());
  const ServiceHandle service(::CreateServiceW(manager->get(), service_name, service_name, SERVICE_ALL_ACCESS,
                                               SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                                               command_line(options).c_str(), nullptr, nullptr, nullptr,
                                               L"NT AUTHORITY\\LocalService", nullptr));
  if (!service) return complain(failure("cannot install the service"));
  describe(service);
  if (loaded->config.log.file.empty())
    std::fputs("asyncd: warning: a service has no standard error: its log is lost unless log.file is set\n", stderr);
  std::puts("installed; 'asyncd service start' starts it");
  return 0;
}

int start() {
  const Result<ServiceHandle> service = open_service(SERVICE_START | SERVICE_QUERY_STATUS);
  if (!service) return complain(service.error());
  if (::StartServiceW(service->get(), 0, nullptr) == 0) return complain(failure("cannot start the service"));
  const SERVICE_STATUS_PROCESS status = wait_for_state(*service, SERVICE_RUNNING, start_patience_ms);
  if (status.dwCurrentState == SERVICE_RUNNING) return 0;
  const auto code = static_cast<ExitCode>(status.dwServiceSpecificExitCode);
  return complain({status.dwServiceSpecificExitCode != 0 ? code : ExitCode::failure,
                   "the service did not start (exit code " + std::to_string(status.dwServiceSpecificExitCode) +
                       "); its log, or 'asyncd check' with the same settings, says why"});
}

Result<void> stop_and_wait(const ServiceHandle& service) {
  SERVICE_STATUS ignored{};
  if (::ControlService(service.get(), SERVICE_CONTROL_STOP, &ignored) == 0) {
    if (::GetLastError() == ERROR_SERVICE_NOT_ACTIVE) return {};
    return failure("cannot stop the service");
  }
  if (wait_for_state(service, SERVICE_STOPPED, stop_patience_ms).dwCurrentState != SERVICE_STOPPED)
    return Error{ExitCode::failure, "the service is still ending"};
  return {};
}

int stop(bool and_delete) {
  const Result<ServiceHandle> service = open_service(SERVICE_STOP | SERVICE_QUERY_STATUS | (and_delete ? DELETE : 0));
  if (!service) return complain(service.error());
  if (const Result<void> stopped = stop_and_wait(*service); !stopped) return complain(stopped.error());
  if (and_delete && ::DeleteService(service->get()) == 0) return complain(failure("cannot remove the service"));
  return 0;
}

}  // namespace

void tell_supervisor(Phase phase) { report(phase == Phase::serving ? SERVICE_RUNNING : SERVICE_STOP_PENDING); }

int service_command(const Options& options) {
  switch (options.service_action) {
    case ServiceAction::install:
      return install(options);
    case ServiceAction::uninstall:
      return stop(true);
    case ServiceAction::start:
      return start();
    case ServiceAction::stop:
      return stop(false);
    case ServiceAction::run:
      break;
  }
  return run_service(options);
}

}  // namespace asyncd
