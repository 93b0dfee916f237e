#include "core/text/encoding.h"

#include <algorithm>
#include <array>

namespace asyncd::text {
namespace {

struct Mark {
  std::string_view bytes;
  std::string_view encoding;
};

// Those of UTF-32 first: the little one begins as that of UTF-16 does.
constexpr std::array<Mark, 4> marks{
    {{std::string_view("\xFF\xFE\0\0", 4), "UTF-32 (little-endian)"},
     {std::string_view("\0\0\xFE\xFF", 4), "UTF-32 (big-endian)"},
     {std::string_view("\xFF\xFE", 2), "UTF-16 (little-endian)"},
     {std::string_view("\xFE\xFF", 2), "UTF-16 (big-endian)"}}};

// Whether each unit of so many bytes is an ASCII character at `place` and NULs.
bool has_units(std::string_view bytes, std::size_t size, std::size_t place) {
  if (bytes.size() < size) return false;
  for (std::size_t i = 0; i < bytes.size() / size * size; ++i) {
    const bool is_nul = bytes[i] == '\0';
    if (is_nul == (i % size == place) || static_cast<unsigned char>(bytes[i]) > 0x7F) return false;
  }
  return true;
}

}  // namespace

std::string_view foreign_encoding(std::string_view bytes) {
  for (const Mark& mark : marks)
    if (bytes.starts_with(mark.bytes)) return mark.encoding;
  constexpr std::size_t enough = 64;
  const std::string_view begin = bytes.substr(0, enough);
  if (has_units(begin, 4, 0)) return marks[0].encoding;
  if (has_units(begin, 4, 3)) return marks[1].encoding;
  if (has_units(begin, 2, 0)) return marks[2].encoding;
  if (has_units(begin, 2, 1)) return marks[3].encoding;
  return "";
}

}  // namespace asyncd::text
