// Text that comes from elsewhere: whatever its bytes, what is made of it to be shown acts on no
// terminal and can be told from all else, and what is made of it for JSON is valid. Input: where to
// cut, then the text.
#include "core/text/escape.h"
#include "core/text/nearest.h"

#include <array>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "shown.h"

namespace {

using fuzz::require;
using fuzz::require_same;
namespace text = asyncd::text;

void check_characters(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    require(text::utf8_length(bytes.substr(i)) == fuzz::first_character(bytes.substr(i)).length,
            "a character's length");
}

// What printable has escaped, undone.
std::string unescaped(std::string_view shown) {
  constexpr std::string_view digits = "0123456789abcdef", letters = "nrt\"\\",
                             meaning = "\n\r\t\"\\";
  std::string out;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != '\\') {
      require(shown[i] != '"', "quotes are escaped");
      out += shown[i];
      continue;
    }
    require(i + 1 < shown.size(), "an escape is whole");
    const char kind = shown[++i];
    if (kind != 'x') {
      require(letters.find(kind) != std::string_view::npos, "an escape is known");
      out += meaning[letters.find(kind)];
      continue;
    }
    require(i + 2 < shown.size(), "an escape is whole");
    out += static_cast<char>(digits.find(shown[i + 1]) * 16 + digits.find(shown[i + 2]));
    i += 2;
  }
  return out;
}

void check_printable(std::string_view bytes, std::size_t limit) {
  const std::string whole = text::printable(bytes, bytes.size());
  require(fuzz::is_shown(whole), "what is printable acts on nothing");
  require_same(unescaped(whole), bytes, "what is printable can be read back");
  const std::string cut = text::printable(bytes, limit);
  if (bytes.size() <= limit) return require_same(cut, whole, "what fits is not cut");
  require(cut.ends_with("..."), "what is cut says so");
  const std::string kept = unescaped(std::string_view(cut).substr(0, cut.size() - 3));
  require(kept.size() <= limit && kept.size() + 4 > limit, "it is cut at the limit");
  require_same(kept, bytes.substr(0, kept.size()), "what is cut is the beginning");
}

void check_json(std::string_view bytes) {
  std::string valid;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t length = fuzz::first_character(rest).length;
    valid += length == 0 ? std::string_view("\xEF\xBF\xBD") : rest.substr(0, length);
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  const std::string quoted = text::json_quote(bytes);
  require(fuzz::is_shown(quoted), "JSON acts on nothing");
  const auto read = fuzz::read_json(quoted);
  require(read.has_value(), "JSON is valid");
  require_same(*read, valid, "JSON can be read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t limit = input.small();
  const fuzz::Exact bytes(input.rest());
  check_characters(bytes.view());
  check_printable(bytes.view(), limit);
  check_json(bytes.view());
  constexpr std::array<std::string_view, 3> words{"handler", "handler-path", "help"};
  require(fuzz::is_shown(text::suggestion(bytes.view(), words)), "a suggestion acts on nothing");
  return 0;
}
