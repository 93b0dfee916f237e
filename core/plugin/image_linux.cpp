// What the system's loader takes for granted: it maps a library's segments without a look at the file's size, and the
// process dies when it touches what is not there.
#include <link.h>

#include <filesystem>
#include <fstream>

#include "core/plugin/image.h"

namespace asyncd {

namespace {

template <class Struct>
bool read(std::ifstream& file, Struct& into) {
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&into), sizeof into));
}

}  // namespace

bool is_cut_off(const std::string& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  ElfW(Ehdr) header;
  if (failure || !read(file, header)) return true;
  file.seekg(static_cast<std::streamoff>(header.e_phoff));
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) segment;
    if (!read(file, segment)) return true;
    if (segment.p_type == PT_LOAD && (segment.p_offset > size || segment.p_filesz > size - segment.p_offset))
      return true;
  }
  return false;
}

}  // namespace asyncd
