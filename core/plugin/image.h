// What a file is, judged by its bytes, before the system's loader sees it: a library for this
// machine, one for another, or none at all. Start-up and reload only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace asyncd {

struct Image {
  enum class Format { none, elf, pe, mach_o };
  Format format = Format::none;
  // the format's own number; 0 in Mach-O: a part for each of several machines
  unsigned machine = 0;
  unsigned bits = 0;

  bool operator==(const Image&) const = default;
};

Image identify_image(std::string_view first_bytes);
std::string name_of(const Image& image);  // "an ELF file for x86-64"

// Whether the program could load the library, as far as their machines go.
bool fits(const Image& library, const Image& program);

// Whether the end of a library of this machine's is missing.
bool is_cut_off(std::string_view bytes);

// Whether a file of these bytes could be loaded by this program. 65: it is not a library for this
// machine.
Result<void> check_image(std::string_view bytes);

// What the library has of which there is only one in a process, as people write it: two versions of
// a library that are loaded one beside the other share it.
std::vector<std::string> unique_symbols(std::string_view bytes);

}  // namespace asyncd
