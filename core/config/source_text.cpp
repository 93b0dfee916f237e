#include "core/config/source_text.h"

#include <algorithm>

#include "core/text/escape.h"

namespace asyncd {
namespace {

constexpr std::size_t most_shown = 100;  // characters of a line

// Characters of `line`; a byte that is not UTF-8 counts as one.
std::vector<std::string_view> characters_of(std::string_view line) {
  std::vector<std::string_view> characters;
  while (!line.empty()) {
    const std::size_t length = std::max<std::size_t>(text::utf8_length(line), 1);
    characters.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
  return characters;
}

// As a terminal may show it without acting on it.
std::string shown(std::string_view character) {
  return character == "\t" ? std::string(4, ' ') : text::shown(character);
}

std::size_t width(std::string_view character, std::string_view as_shown) {
  return character == as_shown ? 1 : as_shown.size();
}

// The line with a caret below the characters [first, last). A long line is cut so that they can be
// seen.
std::string excerpt(unsigned number, std::string_view line, std::size_t first, std::size_t last) {
  const auto characters = characters_of(line);
  const std::size_t begin = first > most_shown * 3 / 4 ? first - most_shown / 2 : 0;
  const std::size_t end = std::min(characters.size(), begin + most_shown);
  std::string above = begin == 0 ? "" : "...";
  std::string below = begin == 0 ? "" : "   ";
  for (std::size_t i = begin; i < end; ++i) {
    const std::string as_shown = shown(characters[i]);
    above += as_shown;
    if (i < last || i <= first)
      below += std::string(width(characters[i], as_shown), i < first ? ' ' : '~');
  }
  if (end < characters.size()) above += "...";
  const std::size_t caret = below.find('~');
  if (caret == std::string::npos)
    below += '^';
  else
    below[caret] = '^';
  std::string label = std::to_string(number);
  label.insert(0, label.size() < 5 ? 5 - label.size() : 0, ' ');
  return label + " | " + above + "\n" + std::string(label.size(), ' ') + " | " + below;
}

}  // namespace

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark)) text_.erase(0, byte_order_mark.size());
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

std::string_view SourceText::line(unsigned number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[number - 1];
  std::string_view line = std::string_view(text_).substr(begin);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t SourceText::byte_of(Position position) const {
  if (position.line == 0) return 0;
  if (position.line > line_starts_.size()) return text_.size();
  std::size_t byte = line_starts_[position.line - 1];
  for (unsigned column = 1; column < position.column && byte < text_.size() && text_[byte] != '\n';
       ++column)
    byte += std::max<std::size_t>(text::utf8_length(std::string_view(text_).substr(byte, 4)), 1);
  return std::min(byte, text_.size());
}

std::string_view SourceText::slice(Position begin, Position end) const {
  const std::size_t first = byte_of(begin);
  return std::string_view(text_).substr(first, std::max(byte_of(end), first) - first);
}

Position SourceText::position_of(std::size_t byte) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), byte);
  const auto number = static_cast<unsigned>(next - line_starts_.begin());
  const std::size_t begin = line_starts_[number - 1];
  const auto before = characters_of(std::string_view(text_).substr(begin, byte - begin));
  return {number, static_cast<unsigned>(before.size()) + 1};
}

Origin SourceText::at(Position begin, Position end) const {
  const std::size_t first = begin.column == 0 ? 0 : begin.column - 1;
  const bool has_end = end.line == begin.line && end.column > begin.column;
  Origin origin;
  origin.where = text::shown(name_, 4096) + ":" + std::to_string(begin.line) + ":" +
                 std::to_string(begin.column);
  origin.excerpt =
      excerpt(begin.line, line(begin.line), first, has_end ? end.column - 1 : first + 1);
  origin.from_file = true;
  origin.line = begin.line;
  origin.column = begin.column;
  return origin;
}

}  // namespace asyncd
