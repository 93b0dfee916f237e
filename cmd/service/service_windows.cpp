// What an administrator does with the service.
#include "cmd/service/service_windows.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cmd/cli/report.h"
#include "cmd/process/command_line_windows.h"
#include "cmd/process/service_status_windows.h"
#include "cmd/serve/commands.h"
#include "cmd/serve/prepare.h"
#include "cmd/service/service.h"
#include "core/system/executable.h"
#include "core/system/standard_streams.h"
#include "core/text/error_text.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

struct CloseService {
  void operator()(SC_HANDLE handle) const { ::CloseServiceHandle(handle); }
};
using ServiceHandle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseService>;

// What the service is started with: the settings given now, the file found now, and the folder for
// what is relative.
std::wstring command_line(const Options& options, const std::string& config_file) {
  const Sources& sources = options.sources;
  std::vector<std::string> arguments{path_text(executable_path()), "service", "run",
                                     path_text(std::filesystem::current_path())};
  const auto add = [&](const std::string& flag, const auto& value) {
    if (value) arguments.push_back(flag + "=" + *value);
  };
  if (!config_file.empty())
    arguments.push_back("--config=" + path_text(std::filesystem::absolute(path_of(config_file))));
  if (!sources.find_config) arguments.emplace_back("--no-config");
  add("--backend", sources.backend);
  add("--handler", sources.handler);
  add("--framing", sources.framing);
  for (const std::string& address : sources.listen) arguments.push_back("--listen=" + address);
  for (const std::string& folders : sources.handler_path)
    arguments.push_back("--handler-path=" + folders);
  std::vector<std::string> assignments = sources.assignments;
  if (sources.log_level) assignments.push_back("log.level=" + *sources.log_level);
  for (const std::string& assignment : assignments) {
    arguments.emplace_back("-o");
    arguments.push_back(assignment);
  }
  return asyncd::command_line(arguments);
}

Result<ServiceHandle> open_manager(DWORD rights) {
  ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, rights));
  if (!manager) return service_failure("cannot reach the service manager");
  return manager;
}

Result<ServiceHandle> open_service(DWORD rights) {
  Result<ServiceHandle> manager = open_manager(SC_MANAGER_CONNECT);
  if (!manager) return manager.error();
  ServiceHandle service(::OpenServiceW(manager->get(), service_name, rights));
  if (!service) return service_failure("cannot use the service asyncd");
  return service;
}

// The service's last status, once it is `wanted`, or has stopped, or gives no sign of life any
// more.
SERVICE_STATUS_PROCESS wait_for_state(const ServiceHandle& service, DWORD wanted) {
  SERVICE_STATUS_PROCESS status{};
  DWORD size = 0;
  for (ULONGLONG alive_at = ::GetTickCount64();; ::Sleep(50)) {
    const SERVICE_STATUS_PROCESS before = status;
    if (::QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO,
                               reinterpret_cast<BYTE*>(&status), sizeof status, &size) == 0)
      return status;
    if (status.dwCurrentState == wanted || status.dwCurrentState == SERVICE_STOPPED) return status;
    const ULONGLONG now = ::GetTickCount64();
    if (status.dwCurrentState != before.dwCurrentState ||
        status.dwCheckPoint != before.dwCheckPoint)
      alive_at = now;
    if (now - alive_at >= std::max(patience_ms, status.dwWaitHint)) return status;
  }
}

// How long Windows waits for it when the machine shuts down.
DWORD preshutdown_ms(Duration drain) {
  using Millis = std::chrono::milliseconds;
  constexpr Millis longest{std::numeric_limits<DWORD>::max() - patience_ms};
  return static_cast<DWORD>(std::min(std::chrono::ceil<Millis>(drain), longest).count()) +
         patience_ms;
}

void describe(const ServiceHandle& service, const Config& config) {
  wchar_t text[] = L"Puts handlers on the network (asyncd)";
  SERVICE_DESCRIPTIONW description{text};
  ::ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_DESCRIPTION, &description);
  SERVICE_PRESHUTDOWN_INFO preshutdown{preshutdown_ms(config.shutdown_timeout)};
  ::ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_PRESHUTDOWN_INFO, &preshutdown);
}

// What the service's account will find: neither the variables nor the data folder of the user who
// installs it.
Result<void> check_for_account(Options options, const std::string& config_file) {
  if (!config_file.empty()) options.sources.config_file = config_file;
  options.sources.environment =
      [own = std::move(options.sources.environment)](std::string_view name) {
        return name == "APPDATA" || name.starts_with("ASYNCD_") ? std::nullopt : own(name);
      };
  options.sources.environment_names.clear();
  const Result<Prepared> prepared = prepare(options, *make_server(), false);
  if (prepared) return {};
  return Error{prepared.error().code,
               prepared.error().message +
                   "\nThat is for the service, which runs as LocalService: it has none of your "
                   "variables, and does not search your own folder for handlers. Say it by "
                   "flags or in the file; copy the handler into a folder that it searches, or "
                   "name the handler's by --handler-path and let LocalService read it"};
}

int install(const Options& options) {
  // The user who installs the service sees its mistakes now: the service itself has no screen.
  if (const int code = check_command(options); code != 0) return code;
  const Result<Loaded> loaded = load_config(options.sources, registry_schema());
  if (!loaded) return complain(loaded.error());
  if (const Result<void> found = check_for_account(options, loaded->file); !found)
    return complain(found.error());
  const Result<ServiceHandle> manager = open_manager(SC_MANAGER_CREATE_SERVICE);
  if (!manager) return complain(manager.error());
  const ServiceHandle service(::CreateServiceW(
      manager->get(), service_name, service_name, SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS,
      SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, command_line(options, loaded->file).c_str(),
      nullptr, nullptr, nullptr, L"NT AUTHORITY\\LocalService", nullptr));
  if (!service) return complain(service_failure("cannot install the service"));
  describe(service, loaded->config);
  if (loaded->config.log.file.empty())
    warn("a service has no standard error: its log is lost unless log.file is set");
  for (const std::string& name : options.sources.environment_names)
    if (name != "ASYNCD_CONFIG")
      warn("the service has " + name +
           " in its environment only if that is set for the whole machine; use -o, or the file");
  print("installed; 'asyncd service start' starts it\n");
  return 0;
}

int start() {
  const Result<ServiceHandle> service = open_service(SERVICE_START | SERVICE_QUERY_STATUS);
  if (!service) return complain(service.error());
  if (::StartServiceW(service->get(), 0, nullptr) == 0)
    return complain(
        service_failure("cannot start the service",
                        "its account, LocalService, must be allowed to run the program"));
  const SERVICE_STATUS_PROCESS status = wait_for_state(*service, SERVICE_RUNNING);
  if (status.dwCurrentState == SERVICE_RUNNING) return 0;
  if (status.dwCurrentState != SERVICE_STOPPED)
    return complain({ExitCode::failure, "the service is still starting"});
  const std::string cure =
      "; its log says why, or the event log (Event Viewer, Windows Logs, Application), or 'asyncd "
      "check' with the same "
      "settings";
  if (status.dwWin32ExitCode != ERROR_SERVICE_SPECIFIC_ERROR)
    return complain({ExitCode::failure, "the service did not start: " +
                                            error_text(static_cast<int>(status.dwWin32ExitCode)) +
                                            cure});
  return complain({static_cast<ExitCode>(status.dwServiceSpecificExitCode),
                   "the service did not start (exit code " +
                       std::to_string(status.dwServiceSpecificExitCode) + ")" + cure});
}

Result<void> stop_and_wait(const ServiceHandle& service) {
  SERVICE_STATUS ignored{};
  for (const ULONGLONG begun = ::GetTickCount64();
       ::ControlService(service.get(), SERVICE_CONTROL_STOP, &ignored) == 0; ::Sleep(50)) {
    const DWORD error = ::GetLastError();
    // It takes no order while it starts, and no second one while it stops. The first number is what
    // Windows says then, the second what wine says. The third is of one that has stopped, and of
    // one whose process has only just begun.
    const bool not_now = error == ERROR_SERVICE_CANNOT_ACCEPT_CTRL ||
                         error == ERROR_INVALID_SERVICE_CONTROL ||
                         error == ERROR_SERVICE_NOT_ACTIVE;
    if (!not_now || ::GetTickCount64() - begun > 10 * patience_ms)
      return service_failure("cannot stop the service");
    const DWORD state = wait_for_state(service, SERVICE_RUNNING).dwCurrentState;
    if (state == SERVICE_START_PENDING)
      return Error{ExitCode::failure, "the service is still starting"};
    if (state != SERVICE_RUNNING) break;
  }
  if (wait_for_state(service, SERVICE_STOPPED).dwCurrentState != SERVICE_STOPPED)
    return Error{ExitCode::failure, "the service is still ending"};
  return {};
}

int stop(bool and_delete) {
  const Result<ServiceHandle> service =
      open_service(SERVICE_STOP | SERVICE_QUERY_STATUS | (and_delete ? DELETE : 0));
  if (!service) return complain(service.error());
  if (const Result<void> stopped = stop_and_wait(*service); !stopped)
    return complain(stopped.error());
  if (and_delete && ::DeleteService(service->get()) == 0)
    return complain(service_failure("cannot remove the service"));
  return 0;
}

}  // namespace

Error service_failure(std::string_view what, std::string_view denied) {
  const DWORD code = ::GetLastError();
  ExitCode exit = ExitCode::failure;
  if (code == ERROR_ACCESS_DENIED) exit = ExitCode::permission;
  if (code == ERROR_SERVICE_DOES_NOT_EXIST) exit = ExitCode::not_found;
  std::string message = std::string(what) + ": " + error_text(static_cast<int>(code));
  if (exit == ExitCode::permission) message += "; " + std::string(denied);
  if (exit == ExitCode::not_found) message += "; 'asyncd service install' makes it";
  if (code == ERROR_SERVICE_EXISTS) message += "; 'asyncd service uninstall' removes it";
  return {exit, std::move(message)};
}

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
