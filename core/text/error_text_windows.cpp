// std::system_category is no help: that of mingw knows few of the numbers, and Microsoft's answers
// in the machine's code page.
#include <iterator>

#include "core/text/error_text.h"
#include "core/text/wide_text_windows.h"

namespace asyncd {

std::string error_text(int error) {
  wchar_t buffer[1024];
  const DWORD length =
      ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                       static_cast<DWORD>(error), 0, buffer, std::size(buffer), nullptr);
  std::wstring_view text(buffer, length);
  text = text.substr(0, text.find_last_not_of(L" .\r\n") + 1);  // it ends as a paragraph does
  const std::string number = "error " + std::to_string(error);
  return text.empty() ? number : narrow(text) + " (" + number + ")";
}

}  // namespace asyncd
