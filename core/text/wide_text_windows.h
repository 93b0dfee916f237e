// Text as Windows has it, and in UTF-8, as asyncd has it. For the Windows files. Any thread.
#pragma once

#include <windows.h>

#include <string>
#include <string_view>

namespace asyncd {

inline std::string narrow(std::wstring_view wide) {
  const int length = static_cast<int>(wide.size());
  // no letter of one unit takes more bytes, and one of two units takes four
  std::string text(3 * wide.size(), '\0');
  const int size = ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, text.data(),
                                         static_cast<int>(text.size()), nullptr, nullptr);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

inline std::wstring wide(std::string_view text) {
  std::wstring result(text.size(), L'\0');
  const int size = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                         result.data(), static_cast<int>(result.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

}  // namespace asyncd
