// What the C library hands out is in the machine's code page, which has not all letters; so both
// come from the system.
#include <windows.h>
// Needs what the line above brings.
#include <shellapi.h>

#include "cmd/cli/environment.h"
#include "core/text/wide_text_windows.h"

namespace asyncd {

namespace {

std::optional<std::string> variable(std::string_view name) {
  const std::wstring key = wide(name);
  std::wstring value(32767, L'\0');  // the longest there is
  ::SetLastError(ERROR_SUCCESS);
  const DWORD size =
      ::GetEnvironmentVariableW(key.c_str(), value.data(), static_cast<DWORD>(value.size()));
  if (size == 0 && ::GetLastError() != ERROR_SUCCESS) return std::nullopt;
  return narrow(std::wstring_view(value).substr(0, size));
}

// Names of variables have no case here.
std::string upper_case(std::wstring_view name) {
  std::string text = narrow(name);
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::vector<std::string> read_arguments(int, char**) {
  int count = 0;
  wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  for (int i = 1; words != nullptr && i < count; ++i) arguments.push_back(narrow(words[i]));
  ::LocalFree(words);
  return arguments;
}

void read_environment(Sources& sources) {
  sources.environment = variable;
  // "NAME=value" after "NAME=value", each ended by a NUL, and one more at the end of all.
  wchar_t* const block = ::GetEnvironmentStringsW();
  if (block == nullptr) return;
  for (const wchar_t* entry = block; *entry != L'\0';) {
    const std::wstring_view assignment = entry;
    if (std::string name = upper_case(assignment.substr(0, assignment.find(L'=')));
        name.starts_with("ASYNCD_"))
      sources.environment_names.push_back(std::move(name));
    entry += assignment.size() + 1;
  }
  ::FreeEnvironmentStringsW(block);
}

}  // namespace asyncd
