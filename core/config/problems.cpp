#include "core/config/problems.h"

#include <algorithm>
#include <tuple>

namespace asyncd {

std::string describe(const Origin& origin, const std::string& what) {
  std::string text = origin.where.empty() ? what : origin.where + ": " + what;
  if (!origin.excerpt.empty())
    text.insert(std::min(text.find('\n'), text.size()), "\n" + origin.excerpt);
  return text;
}

ExitCode exit_code_for(const Origin& origin) {
  return origin.from_file ? ExitCode::config_invalid : ExitCode::usage;
}

void Problems::add(const Origin& origin, const std::string& what) {
  std::string text = describe(origin, what);
  // A value that holds for every listener is looked at once for each.
  if (seen_.insert(text).second) found_.push_back({origin, std::move(text)});
}

Error Problems::to_error() const {
  std::vector<Problem> sorted = found_;
  const auto place = [](const Problem& problem) {
    return std::tuple(problem.origin.from_file, problem.origin.line, problem.origin.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Problem& left, const Problem& right) {
    return place(left) < place(right);
  });
  Error error{exit_code_for(sorted.front().origin), sorted.front().text};
  for (std::size_t i = 1; i < sorted.size(); ++i) error.message += "\n\n" + sorted[i].text;
  return error;
}

}  // namespace asyncd
