// Paths as text: UTF-8 inside asyncd, on every system. What std::filesystem makes of plain
// characters on Windows depends on the machine's language and on the library.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace asyncd {

inline std::filesystem::path path_of(std::string_view text) {
  return std::u8string(text.begin(), text.end());
}

inline std::string path_text(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

}  // namespace asyncd
