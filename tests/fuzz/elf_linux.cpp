// Libraries that were built wrongly, or whose end is missing: the system's loader would touch what
// is not there, and the process die of it. Input: the file.
#include <link.h>

#include <cstring>

#include "core/plugin/image.h"
#include "fuzz.h"

namespace {

// A struct of the file at this place; false where it is not all there.
template <class Struct>
bool read(std::string_view bytes, std::uint64_t place, Struct& into) {
  if (place > bytes.size() || bytes.size() - place < sizeof into) return false;
  std::memcpy(&into, bytes.data() + place, sizeof into);
  return true;
}

bool is_whole(std::string_view bytes) {
  ElfW(Ehdr) header;
  if (!read(bytes, 0, header)) return false;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) segment;
    // A table so far behind that its place runs over is not there either.
    if (header.e_phoff > bytes.size() || !read(bytes, header.e_phoff + i * sizeof segment, segment))
      return false;
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_filesz > bytes.size() || segment.p_offset > bytes.size() - segment.p_filesz)
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Exact bytes(fuzz::Input(data, size).rest());
  fuzz::require(asyncd::is_cut_off(bytes.view()) != is_whole(bytes.view()),
                "a file is whole, or cut off");
  for (const std::string& symbol : asyncd::unique_symbols(bytes.view()))
    fuzz::require(symbol.find('\0') == symbol.npos, "a symbol's name ends where it ends");
  return 0;
}
