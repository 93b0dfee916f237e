// What a file is, by its first bytes: whatever they are, it is told in words, and the same bytes
// are always the same. Input: the bytes.
#include "core/plugin/image.h"

#include "fuzz.h"
#include "shown.h"

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using asyncd::Image;
  const fuzz::Exact bytes(fuzz::Input(data, size).rest());
  const Image image = asyncd::identify_image(bytes.view());
  require(image == asyncd::identify_image(bytes.view()), "what it is does not change");
  require(asyncd::fits(image, image), "it fits its own machine");
  require(fuzz::is_shown(asyncd::name_of(image)), "its name acts on nothing");
  const bool named = bytes.view().starts_with(
                         "\x7f"
                         "ELF") ||
                     bytes.view().starts_with("MZ") ||
                     bytes.view().starts_with("\xcf\xfa\xed\xfe") ||
                     bytes.view().starts_with("\xca\xfe\xba\xbe");
  require(named || image.format == Image::Format::none, "what has no mark of a library is none");
  return 0;
}
