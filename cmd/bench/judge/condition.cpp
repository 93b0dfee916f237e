#include "cmd/bench/judge/condition.h"

#include <cstdlib>
#include <string>

#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd::bench {

namespace {

bool parse_subject(std::string_view word, Condition& condition) {
  using Subject = Condition::Subject;
  if (word == "max" || word == "mean" || word == "rate" || word == "errors") {
    condition.subject = Subject::errors;
    if (word == "max") condition.subject = Subject::max;
    if (word == "mean") condition.subject = Subject::mean;
    if (word == "rate") condition.subject = Subject::rate;
    return true;
  }
  if (!word.starts_with('p') || word.find_first_not_of("0123456789.", 1) != word.npos) return false;
  const std::string number(word.substr(1));  // libc++ has no std::from_chars for it
  char* end = nullptr;
  condition.percent = std::strtod(number.c_str(), &end);
  return *end == '\0' && condition.percent > 0 && condition.percent <= 100;
}

bool parse_value(std::string_view word, Condition& condition) {
  if (condition.is_about_times()) {
    const auto time = text::parse_duration(word);
    condition.value = time ? static_cast<double>(time->count()) : 0;
    return time.has_value();
  }
  const auto count = text::parse_count(word);
  condition.value = count ? static_cast<double>(*count) : 0;
  return count.has_value();
}

}  // namespace

Result<Condition> Condition::parse(std::string_view flag, std::string_view text) {
  Condition condition;
  condition.text = text;
  const std::size_t sign = text.find_first_of("<>");
  bool understood =
      sign != std::string_view::npos && parse_subject(text.substr(0, sign), condition);
  if (understood) {
    condition.less = text[sign] == '<';
    condition.or_equal = text.substr(sign + 1).starts_with('=');
    understood = parse_value(text.substr(sign + (condition.or_equal ? 2 : 1)), condition);
  }
  if (understood) return condition;
  return Error{
      ExitCode::usage,
      std::string(flag) + "='" + text::printable(text) +
          "' is not a condition; expected p50, p99.9, max or mean with a time, or rate or " +
          "errors with a number, as in " + std::string(flag) + "='p99>5ms'"};
}

// Of times that were not measured nothing is known.
bool Condition::holds(const Measured& measured) const {
  if (is_about_times() && measured.latency.count() == 0) return false;
  double found = 0;
  switch (subject) {
    case Subject::percentile:
      found = static_cast<double>(measured.latency.percentile(percent).count());
      break;
    case Subject::max:
      found = static_cast<double>(measured.latency.max().count());
      break;
    case Subject::mean:
      found = static_cast<double>(measured.latency.mean().count());
      break;
    case Subject::rate:
      found = measured.rate();
      break;
    case Subject::errors:
      found = static_cast<double>(measured.counts.failed());
      break;
  }
  if (or_equal && found == value) return true;
  return less ? found < value : found > value;
}

}  // namespace asyncd::bench
