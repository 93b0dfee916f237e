// Command lines as Windows has them: one text, which the C library's start-up code splits again.
// For the Windows files; any thread.
#pragma once

#include <span>
#include <string>

#include "core/text/wide_text_windows.h"

namespace asyncd {

inline std::string quoted(const std::string& argument) {
  std::string out = "\"";
  std::size_t backslashes = 0;
  for (const char c : argument) {
    if (c == '"') out.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    out += c;
  }
  return out.append(backslashes, '\\') + "\"";
}

inline std::wstring command_line(std::span<const std::string> arguments) {
  std::string line;
  for (const std::string& argument : arguments)
    line += (line.empty() ? "" : " ") + quoted(argument);
  return wide(line);
}

}  // namespace asyncd
