#include <algorithm>
#include <vector>

#include "core/config/problems.h"
#include "core/config/source_text.h"
#include "core/text/encoding.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_levels = 64;

Error refusal(const Origin& origin, const std::string& what) {
  return {ExitCode::config_invalid, describe(origin, what)};
}

// What PowerShell's > makes of any program's output.
Error foreign(const SourceText& source, std::string_view encoding) {
  const std::string command = "asyncd config --default ";
  Origin origin = source.at({1, 1});
  origin.excerpt.clear();
  return refusal(origin, "the file is " + std::string(encoding) +
                             ", as PowerShell's > writes it, and not UTF-8: save " +
                             "it as UTF-8; in PowerShell write " + command +
                             "| Out-File -Encoding utf8 asyncd.toml" + ", in cmd " + command +
                             "> asyncd.toml");
}

Result<void> check_encoding(const SourceText& source) {
  const std::string_view text = source.text();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = text::utf8_length(text.substr(i, 4));
    if (length != 0 && text[i] != '\0') {
      i += length;
      continue;
    }
    const Origin origin = source.at(source.position_of(i));
    if (text[i] == '\0') return refusal(origin, "a NUL byte: this is not a text file");
    return refusal(origin, "a byte that is not UTF-8 (" + text::printable(text.substr(i, 1)) +
                               "): save the file as UTF-8");
  }
  return {};
}

// Follows TOML just closely enough to tell brackets and dots from strings and comments.
class DepthScanner {
 public:
  explicit DepthScanner(std::string_view text) : text_(text) {}

  // The byte at which the nesting gets too deep, or npos.
  std::size_t first_too_deep() {
    while (at_ < text_.size()) {
      const char letter = text_[at_];
      if (letter == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (letter == '"' || letter == '\'')
        skip_string(letter);
      else if (count(letter))
        return at_;
      else
        ++at_;
    }
    return std::string_view::npos;
  }

 private:
  // One level of brackets, and the dots of the key that is being written in it.
  struct Level {
    std::size_t dots = 0;
    bool in_value = false;
  };

  bool count(char letter) {
    Level& level = levels_.back();
    if (letter == '[' || letter == '{') {
      levels_.push_back({});
      ++depth_;
    } else if (letter == ']' || letter == '}') {
      if (levels_.size() > 1) {
        depth_ -= level.dots + 1;
        levels_.pop_back();
      }
    } else if (letter == '\n' || letter == ',') {
      depth_ -= level.dots;
      level = {};
    } else if (letter == '=') {
      level.in_value = true;
    } else if (letter == '.' && !level.in_value) {
      ++level.dots;
      ++depth_;
    }
    return depth_ > most_levels;
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool several_lines = text_.substr(at_).starts_with(three);
    at_ += several_lines ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (!several_lines && text_[at_] == '\n') {
        return;
      } else if (several_lines ? text_.substr(at_).starts_with(three) : text_[at_] == quote) {
        at_ += several_lines ? 3 : 1;
        if (several_lines) skip_last_quotes(quote);
        return;
      }
    }
  }

  // A text of several lines may end with one or two quotes of its own, before the three that end
  // it.
  void skip_last_quotes(char quote) {
    for (int own = 0; own < 2 && at_ < text_.size() && text_[at_] == quote; ++own) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<Level> levels_{Level{}};
};

}  // namespace

Result<void> check_source(const SourceText& source) {
  if (const std::string_view encoding = text::foreign_encoding(source.text()); !encoding.empty())
    return foreign(source, encoding);
  if (source.text().size() > most_bytes) {
    const Origin origin = source.at(source.position_of(most_bytes));
    return refusal(origin, "the file is larger than " + text::format_size(most_bytes) +
                               ", the most that is read");
  }
  if (Result<void> encoding = check_encoding(source); !encoding) return encoding;
  const std::size_t deep = DepthScanner(source.text()).first_too_deep();
  if (deep == std::string_view::npos) return {};
  return refusal(source.at(source.position_of(deep)),
                 "more than " + std::to_string(most_levels) + " levels of nesting or dots");
}

}  // namespace asyncd
