// What the system's loader takes for granted, and what it does to some symbols: it maps a library's
// segments without a look at the file's size, and the process dies when it touches what is not
// there.
#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "core/plugin/image.h"

namespace asyncd {

namespace {

template <class Struct>
std::optional<Struct> read(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Struct)) return std::nullopt;
  Struct result;
  std::memcpy(&result, bytes.data() + offset, sizeof result);
  return result;
}

std::string_view text_at(std::string_view bytes, std::uint64_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : symbol;
}

void append_unique(std::string_view bytes, const ElfW(Shdr) & symbols, std::uint64_t texts,
                   std::vector<std::string>& found) {
  for (std::uint64_t at = 0; at + sizeof(ElfW(Sym)) <= symbols.sh_size; at += sizeof(ElfW(Sym))) {
    const auto symbol = read<ElfW(Sym)>(bytes, symbols.sh_offset + at);
    if (!symbol) return;
    // The numbers are those of ELF64_ST_BIND, which is the same for both sizes.
    if (symbol->st_info >> 4 == STB_GNU_UNIQUE && symbol->st_shndx != SHN_UNDEF)
      found.push_back(demangled(std::string(text_at(bytes, texts + symbol->st_name))));
  }
}

}  // namespace

bool is_cut_off(std::string_view bytes) {
  const auto header = read<ElfW(Ehdr)>(bytes, 0);
  if (!header) return true;
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    const auto segment = read<ElfW(Phdr)>(bytes, header->e_phoff + i * sizeof(ElfW(Phdr)));
    if (!segment) return true;
    if (segment->p_type == PT_LOAD &&
        (segment->p_offset > bytes.size() || segment->p_filesz > bytes.size() - segment->p_offset))
      return true;
  }
  return false;
}

std::vector<std::string> unique_symbols(std::string_view bytes) {
  std::vector<std::string> found;
  const auto header = read<ElfW(Ehdr)>(bytes, 0);
  if (!header) return found;
  const auto section = [&](std::uint64_t index) {
    return read<ElfW(Shdr)>(bytes, header->e_shoff + index * sizeof(ElfW(Shdr)));
  };
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto symbols = section(i);
    if (!symbols || symbols->sh_type != SHT_DYNSYM) continue;
    if (const auto texts = section(symbols->sh_link); texts)
      append_unique(bytes, *symbols, texts->sh_offset, found);
    break;
  }
  return found;
}

}  // namespace asyncd
