// Condition: what --fail-if and --find-rate ask of a result: "p99>5ms", "max<=1s", "rate<10k",
// "errors>0". Plain value.
#pragma once

#include <string>
#include <string_view>

#include "cmd/bench/drive/measured.h"
#include "core/base/result.h"

namespace asyncd::bench {

struct Condition {
  enum class Subject : std::uint8_t { percentile, max, mean, rate, errors };

  Subject subject = Subject::percentile;
  double percent = 0;  // of a percentile
  bool less = true;
  bool or_equal = false;
  double value = 0;  // ns, messages a second, or a count
  std::string text;  // as it was written

  // `flag` is named in the error (2).
  static Result<Condition> parse(std::string_view flag, std::string_view text);

  bool holds(const Measured& measured) const;
  bool is_about_times() const { return subject != Subject::rate && subject != Subject::errors; }
};

}  // namespace asyncd::bench
