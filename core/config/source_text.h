// A configuration file in memory, able to show any place in it.
// Owned by load_config for the length of one call; pure after construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"

namespace asyncd {

// Line and column from 1; a column is a character, as TOML readers count.
struct Position {
  unsigned line = 1;
  unsigned column = 1;
};

class SourceText {
 public:
  // `name` is how messages call the file. A byte order mark is dropped.
  SourceText(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  // without its end; empty where there is no such line
  std::string_view line(unsigned number) const;
  std::string_view slice(Position begin, Position end) const;
  Position position_of(std::size_t byte) const;
  std::size_t byte_of(Position position) const;  // behind a line's end: that end

  // The place [begin, end), with its excerpt: the line and a caret below.
  Origin at(Position begin, Position end) const;
  Origin at(Position begin) const { return at(begin, begin); }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

// What must hold before a TOML reader may see the text: its size, its depth of nesting, that it is
// UTF-8 without NUL. The error is 78, and names the encoding of a file in UTF-16 or UTF-32.
Result<void> check_source(const SourceText& source);

}  // namespace asyncd
