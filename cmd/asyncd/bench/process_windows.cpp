#include <windows.h>

#include "cmd/asyncd/bench/child.h"
#include "core/base/error_text.h"
#include "core/base/wide_text_windows.h"

namespace asyncd::bench {

namespace {

class WindowsProcess final : public Process {
 public:
  explicit WindowsProcess(const PROCESS_INFORMATION& made) : handle_(made.hProcess), id_(made.dwProcessId) {
    ::CloseHandle(made.hThread);
  }
  ~WindowsProcess() override {
    end();
    ::WaitForSingleObject(handle_, 5000);
    ::CloseHandle(handle_);
  }

  std::uint64_t id() const override { return id_; }
  bool runs() override { return ::WaitForSingleObject(handle_, 0) == WAIT_TIMEOUT; }
  void ask_to_end() override {
    if (::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id_) == 0) end();
  }
  void end() override {
    if (runs()) ::TerminateProcess(handle_, 1);
  }

 private:
  const HANDLE handle_;
  const DWORD id_;
};

// As a program's start-up code takes it apart again.
void append_quoted(std::wstring& line, const std::wstring& word) {
  if (!line.empty()) line += L' ';
  line += L'"';
  std::size_t backslashes = 0;
  for (const wchar_t letter : word) {
    if (letter == L'"') line.append(backslashes + 1, L'\\');
    backslashes = letter == L'\\' ? backslashes + 1 : 0;
    line += letter;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const std::filesystem::path& program,
                                                const std::vector<std::string>& arguments,
                                                const std::filesystem::path& output) {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  const HANDLE file = ::CreateFileW(output.c_str(), FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                                    CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE)
    return Error{ExitCode::cannot_create,
                 "cannot create '" + output.string() + "': " + error_text(static_cast<int>(::GetLastError()))};
  std::wstring line;
  append_quoted(line, program.wstring());
  for (const std::string& argument : arguments) append_quoted(line, wide(argument));
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = startup.hStdError = file;
  PROCESS_INFORMATION made{};
  const BOOL started = ::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, CREATE_NEW_PROCESS_GROUP,
                                        nullptr, nullptr, &startup, &made);
  const DWORD failure = ::GetLastError();
  ::CloseHandle(file);
  if (started == 0)
    return Error{ExitCode::os_limit, "cannot start a process: " + error_text(static_cast<int>(failure))};
  return std::unique_ptr<Process>(std::make_unique<WindowsProcess>(made));
}

}  // namespace asyncd::bench
