#include "core/plugin/image.h"

#include <algorithm>
#include <array>

#include "core/files/open_file.h"
#include "core/system/executable.h"

namespace asyncd {

namespace {

constexpr std::size_t header_bytes = 1024;
constexpr std::size_t least_elf_header = 52;

unsigned byte_at(std::string_view bytes, std::size_t offset) {
  return offset < bytes.size() ? static_cast<unsigned char>(bytes[offset]) : 0;
}

unsigned little16(std::string_view bytes, std::size_t offset) {
  return byte_at(bytes, offset) | byte_at(bytes, offset + 1) << 8;
}

unsigned little32(std::string_view bytes, std::size_t offset) {
  return little16(bytes, offset) | little16(bytes, offset + 2) << 16;
}

// The number of the machine stands at offset 18 of the ELF header, in the file's own byte order.
Image identify_elf(std::string_view bytes) {
  const bool big_endian = byte_at(bytes, 5) == 2;
  const unsigned machine =
      big_endian ? byte_at(bytes, 18) << 8 | byte_at(bytes, 19) : little16(bytes, 18);
  return {Image::Format::elf, machine, byte_at(bytes, 4) == 2 ? 64u : 32u};
}

// Java's classes begin alike, but go on with a number that is larger than any count of
// machines.
bool is_universal(std::string_view bytes) {
  return bytes.starts_with(std::string_view("\xca\xfe\xba\xbe\0\0\0", 7)) && byte_at(bytes, 7) < 20;
}

std::string machine_name(const Image& image) {
  struct Name {
    Image::Format format;
    unsigned machine;
    const char* name;
  };
  static constexpr std::array<Name, 11> names{{{Image::Format::elf, 3, "x86"},
                                               {Image::Format::elf, 40, "Arm"},
                                               {Image::Format::elf, 62, "x86-64"},
                                               {Image::Format::elf, 183, "AArch64"},
                                               {Image::Format::elf, 243, "RISC-V"},
                                               {Image::Format::pe, 0x14c, "x86"},
                                               {Image::Format::pe, 0x8664, "x86-64"},
                                               {Image::Format::pe, 0xaa64, "AArch64"},
                                               {Image::Format::mach_o, 0, "several machines"},
                                               {Image::Format::mach_o, 0x01000007, "x86-64"},
                                               {Image::Format::mach_o, 0x0100000c, "AArch64"}}};
  for (const Name& known : names)
    if (known.format == image.format && known.machine == image.machine) return known.name;
  return "machine type " + std::to_string(image.machine);
}

// This program, so that libraries can be held against it; a format of none where the system does
// not tell.
Image own_image() {
  Result<OpenFile> file = OpenFile::open(executable_path());
  if (!file) return {};
  const Result<std::string> bytes = file->read(header_bytes);
  return bytes ? identify_image(*bytes) : Image();
}

}  // namespace

Image identify_image(std::string_view bytes) {
  if (bytes.size() >= least_elf_header && bytes.starts_with("\x7f"
                                                            "ELF"))
    return identify_elf(bytes);
  if (bytes.starts_with("MZ")) {
    const std::size_t header = little32(bytes, 0x3c);
    if (bytes.substr(std::min(header, bytes.size()), 4) == std::string_view("PE\0\0", 4))
      return {Image::Format::pe, little16(bytes, header + 4), 0};
  }
  if (little32(bytes, 0) == 0xfeedfacf) return {Image::Format::mach_o, little32(bytes, 4), 64};
  if (is_universal(bytes)) return {Image::Format::mach_o, 0, 64};
  return {};
}

bool fits(const Image& library, const Image& program) {
  if (library == program) return true;
  const bool mach_o =
      library.format == Image::Format::mach_o && program.format == Image::Format::mach_o;
  return mach_o && (library.machine == 0 || program.machine == 0);
}

std::string name_of(const Image& image) {
  switch (image.format) {
    case Image::Format::elf:
      return "an ELF file for " + machine_name(image) + " (" + std::to_string(image.bits) +
             " bits)";
    case Image::Format::pe:
      return "a Windows file for " + machine_name(image);
    case Image::Format::mach_o:
      return "a macOS file for " + machine_name(image);
    case Image::Format::none:
      break;
  }
  return "no library at all";
}

Result<void> check_image(std::string_view bytes) {
  const Image image = identify_image(bytes);
  if (image.format == Image::Format::none)
    return Error{ExitCode::handler_rejected,
                 "not a shared library; a handler is built from source, see plugins/sdk/asyncd.h"};
  const Image own = own_image();
  if (own.format != Image::Format::none && !fits(image, own))
    return Error{ExitCode::handler_rejected, "built for another machine: it is " + name_of(image) +
                                                 ", asyncd is " + name_of(own) +
                                                 "; build it for this one"};
  if (is_cut_off(bytes))
    return Error{ExitCode::handler_rejected,
                 "the file is cut off: its end is missing; build or copy it again"};
  return {};
}

}  // namespace asyncd
