// The complaints of toml++ in the words of somebody who wants to mend a configuration file.
#include <algorithm>
#include <cctype>

#include "core/base/text.h"
#include "core/config/toml_reader.h"

namespace asyncd {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool starts_like_a_word(std::string_view value) {
  return !value.empty() && std::isalnum(static_cast<unsigned char>(value[0])) != 0;
}

// The line, later than the last header, on which `key` was first set; 0 where it cannot be told.
unsigned first_line_of_key(const SourceText& source, std::string_view key, unsigned before) {
  for (unsigned number = before - 1; number > 0; --number) {
    std::string_view line = trimmed(source.line(number));
    if (line.starts_with('[')) return 0;
    if (!line.starts_with(key)) continue;
    line = trimmed(line.substr(key.size()));
    if (line.starts_with('=')) return number;
  }
  return 0;
}

unsigned first_line_of_table(const SourceText& source, std::string_view header, unsigned before) {
  for (unsigned number = 1; number < before; ++number)
    if (trimmed(source.line(number)).starts_with(header)) return number;
  return 0;
}

// "cannot redefine existing integer 'a'"
Error explain_duplicate(const SourceText& source, Position position, std::string_view description) {
  const std::size_t quote = description.find('\'');
  const std::string_view name = description.substr(quote + 1, description.rfind('\'') - quote - 1);
  const std::string_view line = source.line(position.line);
  const std::string_view shown = trimmed(line);
  const bool is_table = shown.starts_with('[');
  const std::string_view header = shown.substr(0, shown.find_last_of(']') + 1);
  const std::size_t last = name.rfind('.') + 1;
  const std::string_view key = name.substr(last);

  const unsigned first =
      is_table ? first_line_of_table(source, header, position.line) : first_line_of_key(source, key, position.line);
  std::string what =
      is_table ? "duplicate table " + text::printable(header, 64) : "duplicate key '" + text::printable(key, 64) + "'";
  if (first != 0) what += ": it is already on line " + std::to_string(first);
  if (is_table && first == 0) what = "'" + text::printable(name, 64) + "' is already something else than this table";

  const std::size_t found = line.rfind(is_table ? header : key, position.column);
  const auto column = static_cast<unsigned>(found == std::string_view::npos ? position.column - 1 : found);
  const auto width = static_cast<unsigned>(is_table ? header.size() : key.size());
  const Origin origin = source.at({position.line, column + 1}, {position.line, column + 1 + width});
  return {ExitCode::config_invalid, describe(origin, what)};
}

// A value that was meant as text but has no quotes: level = info, idle_timeout = 30s.
std::string_view unquoted_value(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || trimmed(line).starts_with('[')) return {};
  std::string_view value = line.substr(equals + 1);
  value = trimmed(value.substr(0, value.find('#')));
  const bool plain = std::none_of(value.begin(), value.end(), [](char letter) {
    return std::string_view("\"'[]{},").find(letter) != std::string_view::npos;
  });
  const bool number = value.find_first_not_of("0123456789_.") == std::string_view::npos;
  return plain && !number && starts_like_a_word(value) ? value : std::string_view{};
}

std::string advice_for_unquoted(std::string_view value) {
  if (value == "True" || value == "TRUE") return "write true in lower case";
  if (value == "False" || value == "FALSE") return "write false in lower case";
  return "text must stand in quotes: write \"" + text::printable(value, 64) + "\"";
}

}  // namespace

Error explain_syntax_error(const SourceText& source, Position position, std::string_view description) {
  if (description.find("cannot redefine") != std::string_view::npos)
    return explain_duplicate(source, position, description);

  const std::string_view line = source.line(position.line);
  const std::string_view value = unquoted_value(line);
  const std::string_view before_equals = line.substr(0, line.find('='));
  if (!value.empty() && position.column > before_equals.size() + 1) {
    const auto column = static_cast<unsigned>(value.data() - line.data()) + 1;
    const Origin origin =
        source.at({position.line, column}, {position.line, column + static_cast<unsigned>(value.size())});
    return {ExitCode::config_invalid, describe(origin, advice_for_unquoted(value))};
  }
  const bool string_runs_over_line_end =
      description.find("unescaped control characters") != std::string_view::npos && position.column > line.size();
  if (string_runs_over_line_end)
    return {ExitCode::config_invalid, describe(source.at(position), "the closing quote is missing")};
  constexpr std::string_view opening = "Error while ";
  std::string what = "not valid TOML: ";
  what += description.starts_with(opening) ? description.substr(opening.size()) : description;
  return {ExitCode::config_invalid, describe(source.at(position), what)};
}

}  // namespace asyncd
