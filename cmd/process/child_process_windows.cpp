#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <utility>
#include <vector>

#include "cmd/process/child_process.h"
#include "cmd/process/command_line_windows.h"
#include "core/files/start_folder.h"
#include "core/system/executable.h"
#include "core/text/error_text.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

constexpr DWORD step = 10;  // milliseconds between two looks

HANDLE handle_of(std::intptr_t number) { return reinterpret_cast<HANDLE>(number); }

Error cannot_start() {
  return {ExitCode::os_limit,
          "cannot start another process: " + error_text(static_cast<int>(::GetLastError()))};
}

// What is in it ends with the last handle to it, which is ours: however this process ends.
HANDLE children() {
  static const HANDLE job = [] {
    const HANDLE made = ::CreateJobObjectW(nullptr, nullptr);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (made != nullptr)
      ::SetInformationJobObject(made, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return made;
  }();
  return job;
}

std::optional<std::string> describe_end(DWORD code) {
  constexpr DWORD first_exception = 0xC0000000;
  if (code == 0) return std::nullopt;
  char number[16];
  std::snprintf(number, sizeof number, code >= first_exception ? "0x%08lX" : "%lu", code);
  return std::string(code >= first_exception ? "the process died of the exception "
                                             : "the process ended with exit code ") +
         number;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::span<const std::string> arguments, Kind kind) {
  std::vector<std::string> words{path_text(executable_path())};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::wstring line = command_line(words);
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  HANDLE ours = nullptr, theirs = nullptr;
  if (::CreatePipe(&ours, &theirs, &inherited, 0) == 0) return cannot_start();
  ::SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0);
  const HANDLE nothing = ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                       &inherited, OPEN_EXISTING, 0, nullptr);
  STARTUPINFOW streams{};
  streams.cb = sizeof streams;
  streams.dwFlags = STARTF_USESTDHANDLES;
  streams.hStdInput = nothing;
  streams.hStdOutput = theirs;
  const bool apart = kind == Kind::apart;
  streams.hStdError = apart ? theirs : ::GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION made{};
  // It does nothing before it is one of the children.
  const DWORD flags = CREATE_SUSPENDED | (apart ? CREATE_NEW_PROCESS_GROUP : 0);
  // Its arguments may be relative paths, and a handler may have moved this process.
  const wchar_t* const folder = start_folder().empty() ? nullptr : start_folder().c_str();
  const BOOL started = ::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags,
                                        nullptr, folder, &streams, &made);
  Error failure = cannot_start();
  ::CloseHandle(theirs);
  ::CloseHandle(nothing);
  if (started == 0) {
    ::CloseHandle(ours);
    return failure;
  }
  ::AssignProcessToJobObject(children(), made.hProcess);
  ::ResumeThread(made.hThread);
  ::CloseHandle(made.hThread);
  return ChildProcess(reinterpret_cast<std::intptr_t>(made.hProcess),
                      reinterpret_cast<std::intptr_t>(ours));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, 0)), output_(std::exchange(other.output_, 0)) {}

ChildProcess::~ChildProcess() {
  if (output_ != 0) ::CloseHandle(handle_of(output_));
  if (process_ == 0) return;
  ::TerminateProcess(handle_of(process_), 1);
  ::CloseHandle(handle_of(process_));
}

std::uint64_t ChildProcess::id() const { return ::GetProcessId(handle_of(process_)); }

void ChildProcess::ask_to_end() {
  if (::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, ::GetProcessId(handle_of(process_))) == 0)
    ::TerminateProcess(handle_of(process_), 1);
}

// A pipe cannot be waited for here.
ChildProcess::Reading ChildProcess::read(std::string& text, Duration patience) {
  for (Duration waited{};; waited += std::chrono::milliseconds(step)) {
    DWORD available = 0;
    if (::PeekNamedPipe(handle_of(output_), nullptr, 0, nullptr, &available, nullptr) == 0)
      return Reading::end;
    if (available != 0) {
      char bytes[4096];
      DWORD size = 0;
      if (::ReadFile(handle_of(output_), bytes, sizeof bytes, &size, nullptr) == 0)
        return Reading::end;
      text.append(bytes, size);
      return Reading::bytes;
    }
    if (waited >= patience) return Reading::late;
    ::Sleep(step);
  }
}

std::optional<std::string> ChildProcess::wait(Duration patience) {
  const auto limit = static_cast<DWORD>(patience / std::chrono::milliseconds(1));
  if (::WaitForSingleObject(handle_of(process_), limit) != WAIT_OBJECT_0)
    return "the process does not end";
  DWORD code = 1;
  ::GetExitCodeProcess(handle_of(process_), &code);
  ::CloseHandle(handle_of(std::exchange(process_, 0)));
  return describe_end(code);
}

std::FILE* enter_child() {
  // a crash shows no window, and ends at once
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  const int kept = ::_dup(1);
  ::_dup2(2, 1);
  return kept < 0 ? nullptr : ::_fdopen(kept, "wb");
}

}  // namespace asyncd
