#include "cmd/bench/exchange/data.h"

#include <algorithm>

#include "core/files/open_file.h"
#include "core/files/start_folder.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"
#include "core/text/text.h"

namespace asyncd::bench {

namespace {

constexpr std::uint64_t longest_text = 16 << 20;
constexpr std::size_t largest_file = std::size_t{64} << 20;
constexpr std::size_t enough = 4096;

Error expected(std::string_view text, std::string_view problem) {
  return {ExitCode::usage,
          "--data=" + text::shown(text) + ": " + std::string(problem) +
              "; expected int:LEAST..MOST, text:SIZE or file:PATH, as in --data=int:0..9"};
}

}  // namespace

Result<Data> Data::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (rest.empty()) return expected(text, "it says too little");
  if (kind == "file") return read_file(std::string(rest));
  if (kind != "int" && kind != "text")
    return expected(text, "'" + text::printable(kind) + "' is not known");
  Result<Data> data = kind == "int" ? parse_integer(rest) : parse_text(rest);
  if (!data) return expected(text, data.error().message);
  return data;
}

Result<Data> Data::parse_integer(std::string_view range) {
  const std::size_t dots = std::min(range.find(".."), range.size());
  const auto least = text::parse_integer(range.substr(0, dots));
  const auto most = text::parse_integer(range.substr(std::min(dots + 2, range.size())));
  if (!least || !most) return Error{ExitCode::usage, "these are not two integers"};
  if (*least > *most) return Error{ExitCode::usage, "the first number is larger than the second"};
  Data data;
  data.least_ = *least;
  data.most_ = *most;
  return data;
}

Result<Data> Data::parse_text(std::string_view size) {
  const auto bytes = text::parse_size(size);
  if (!bytes || *bytes == 0 || *bytes > longest_text)
    return Error{ExitCode::usage, "the size is not one from 1B to 16MiB"};
  Data data;
  data.kind_ = Kind::text;
  data.size_ = *bytes;
  return data;
}

Result<Data> Data::read_file(const std::string& path) {
  Result<OpenFile> file = OpenFile::open_source(absolute_path(path_of(path)));
  if (!file)
    return Error{file.error().code, "--data=file:" + text::shown(path) +
                                        ": cannot be opened: " + file.error().message};
  const Result<std::string> content = file->read(largest_file + 1);
  if (!content)
    return Error{content.error().code, "--data=file:" + text::shown(path) +
                                           ": cannot be read: " + content.error().message};
  if (content->size() > largest_file)
    return Error{ExitCode::usage,
                 "--data=file:" + text::shown(path) + ": the file is larger than 64 MiB"};
  Data data;
  data.kind_ = Kind::file;
  for (std::string_view rest = *content; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    // as in line framing
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    data.lines_.emplace_back(line);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  if (data.lines_.empty())
    return Error{ExitCode::usage, "--data=file:" + text::shown(path) +
                                      ": the file is empty; write a message a line"};
  return data;
}

std::string Data::next(Random& random) {
  if (kind_ == Kind::file) return lines_[position_++ % lines_.size()];
  if (kind_ == Kind::integer) {
    const auto span = static_cast<std::uint64_t>(most_) - static_cast<std::uint64_t>(least_);
    const std::uint64_t offset = span == UINT64_MAX ? random.next() : random.below(span + 1);
    return std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(least_) + offset));
  }
  constexpr std::string_view letters =
      "abcdefghijklm nopqrstuvwxyz ABCDEFGHIJKLM NOPQRSTUVWXYZ 0123456789";
  std::string text(size_, ' ');
  for (char& letter : text) letter = letters[random.below(letters.size())];
  return text;
}

std::size_t Data::variety() const {
  return kind_ == Kind::file ? std::max(lines_.size(), enough) : enough;
}

}  // namespace asyncd::bench
