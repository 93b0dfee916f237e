#include "cmd/handler_check/findings.h"

#include <charconv>
#include <utility>

#include "core/text/escape.h"

namespace asyncd {

namespace {

constexpr std::size_t longest_text = 2000;

}  // namespace

void FindingsWriter::write(char kind, std::string_view first, std::string_view second) {
  const std::string line = std::string(1, kind) + text::shown(first, longest_text) + "\t" +
                           text::shown(second, longest_text) + "\n";
  std::fwrite(line.data(), 1, line.size(), out_);
  std::fflush(out_);
}

void FindingsWriter::begin(std::string_view handler, std::string_view point) {
  write('b', handler, point);
}
void FindingsWriter::at(std::string_view step) { write('a', step); }
void FindingsWriter::passed(std::string_view note) { write('p', note); }
void FindingsWriter::failed(std::string_view what) { write('f', what); }
void FindingsWriter::end(ExitCode code) { write('e', std::to_string(static_cast<int>(code))); }

std::vector<Finding> FindingsReader::read(std::string_view bytes) {
  std::vector<Finding> found;
  rest_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end = rest_.find('\n'); end != std::string::npos;
       end = rest_.find('\n', begin)) {
    if (std::optional<Finding> finding = take(std::string_view(rest_).substr(begin, end - begin)))
      found.push_back(std::move(*finding));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return found;
}

std::optional<Finding> FindingsReader::take(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (line.empty() || tab == std::string_view::npos) return std::nullopt;
  const char kind = line.front();
  const std::string first(line.substr(1, tab - 1));
  if (kind == 'p' || kind == 'f') return Finding{handler_, point_, kind == 'p', first};
  if (kind == 'a') step_ = first;
  if (kind == 'b') {
    handler_ = first;
    point_ = line.substr(tab + 1);
    step_.clear();
  }
  if (kind == 'e') {
    int code = 0;
    std::from_chars(first.data(), first.data() + first.size(), code);
    exit_code_ = code;
  }
  return std::nullopt;
}

Finding FindingsReader::interrupted(std::string_view how) const {
  if (exit_code_)
    return Finding{"", "end", false, std::string(how) + ", after all that was examined"};
  return Finding{handler_, point_, false,
                 std::string(how) + (step_.empty() ? "" : ", in " + step_)};
}

}  // namespace asyncd
