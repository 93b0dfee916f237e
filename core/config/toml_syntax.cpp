// The complaints of toml++, in words that help to mend a configuration file.
#include <algorithm>
#include <cctype>
#include <optional>

#include "core/config/toml_reader.h"
#include "core/text/escape.h"

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

// Of a part of the source's text.
Origin place_of(const SourceText& source, std::string_view part) {
  const auto begin = static_cast<std::size_t>(part.data() - source.text().data());
  return source.at(source.position_of(begin), source.position_of(begin + part.size()));
}

// How many bytes of its line are before it; columns are characters.
std::size_t bytes_before(const SourceText& source, Position position) {
  return source.byte_of(position) - source.byte_of({position.line, 1});
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

// "a.b" of "[[ a.b ]]"
std::string_view without_brackets(std::string_view header) {
  while (header.starts_with('[')) header.remove_prefix(1);
  while (header.ends_with(']')) header.remove_suffix(1);
  return trimmed(header);
}

// The key that is set on this line, which is `name` to toml++. That garbles what stands in quotes;
// among several keys nothing can be told then.
std::string_view key_on(std::string_view line, std::string_view name) {
  if (name.find_first_of("\"'") == std::string_view::npos) return name.substr(name.rfind('.') + 1);
  return line.find('{') == std::string_view::npos ? trimmed(line.substr(0, line.find('=')))
                                                  : std::string_view();
}

// "cannot redefine existing integer 'a'"
Error explain_duplicate(const SourceText& source, Position position, std::string_view description) {
  const std::size_t quote = description.find('\'');
  const std::string_view name = description.substr(quote + 1, description.rfind('\'') - quote - 1);
  const std::string_view line = source.line(position.line);
  const std::string_view shown = trimmed(line);
  const bool is_table = shown.starts_with('[');
  const std::string_view header = shown.substr(0, shown.find_last_of(']') + 1);
  const std::string_view key = key_on(line, name);

  const unsigned first = is_table ? first_line_of_table(source, header, position.line)
                                  : first_line_of_key(source, key, position.line);
  std::string what = "duplicate key";
  if (!key.empty()) what += " '" + text::shown(key, 64) + "'";
  if (is_table) what = "duplicate table " + text::shown(header, 64);
  if (first != 0) what += ": it is already on line " + std::to_string(first);
  if (is_table && first == 0)
    what = "'" + text::shown(without_brackets(header), 64) +
           "' is already something else than this table";

  const std::string_view spot = is_table ? header : key;
  const std::size_t found = line.rfind(spot, bytes_before(source, position));
  const bool is_found = found != std::string_view::npos;
  const Origin origin =
      is_found ? place_of(source, line.substr(found, spot.size())) : source.at(position);
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

// The text between double quotes that the byte `at` of the line is in; of what has no closing
// quote, the rest.
std::optional<std::string_view> text_around(std::string_view line, std::size_t at) {
  for (std::size_t begin = line.find('"'); begin < at; begin = line.find('"', begin + 1)) {
    std::size_t end = begin + 1;
    for (; end < line.size() && line[end] != '"'; ++end)
      if (line[end] == '\\' && end < at) ++end;
    end = std::min(end, line.size());
    if (at <= end) return line.substr(begin + 1, end - begin - 1);
    begin = end;
  }
  return std::nullopt;
}

// What to write in place of a text in double quotes with backslashes that were not meant as such:
// "D:\Users".
std::string advice_for_backslash(std::string_view line, std::size_t at) {
  std::optional<std::string_view> text = text_around(line, at);
  if (text && text->ends_with("\\\"")) text->remove_suffix(1);  // the quote was meant to close it
  if (!text || text->find('\\') == std::string_view::npos) return "";
  const std::string why = "; in double quotes a backslash begins an escape sequence: write ";
  return why + (text->find('\'') == std::string_view::npos
                    ? "single quotes: '" + text::shown(*text) + "'"
                    : "each backslash twice");
}

bool is_about_escapes(std::string_view description) {
  return description.find("escape sequence") != std::string_view::npos ||
         description.find("unicode scalar") != std::string_view::npos;
}

}  // namespace

Error explain_syntax_error(const SourceText& source, Position reported,
                           std::string_view description) {
  // At the end of the file toml++ counts the last line's end as a column of it.
  const Position position = source.position_of(source.byte_of(reported));
  if (description.find("cannot redefine") != std::string_view::npos)
    return explain_duplicate(source, position, description);

  const std::string_view line = source.line(position.line);
  const std::string_view value = unquoted_value(line);
  const std::string_view before_equals = line.substr(0, line.find('='));
  const std::size_t before = bytes_before(source, position);
  if (!value.empty() && before > before_equals.size())
    return {ExitCode::config_invalid,
            describe(place_of(source, value), advice_for_unquoted(value))};
  const bool string_runs_over_line_end =
      description.find("unescaped control characters") != std::string_view::npos &&
      before >= line.size();
  if (string_runs_over_line_end)
    return {ExitCode::config_invalid,
            describe(source.at(position),
                     "the closing quote is missing" + advice_for_backslash(line, before))};
  constexpr std::string_view opening = "Error while ";
  if (description.starts_with(opening)) description.remove_prefix(opening.size());
  const std::string advice =
      is_about_escapes(description) ? advice_for_backslash(line, before) : "";
  return {ExitCode::config_invalid,
          describe(source.at(position), "not valid TOML: " + text::shown(description) + advice)};
}

}  // namespace asyncd
