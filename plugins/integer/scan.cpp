#include "integer/scan.h"

#include <algorithm>

namespace integer {
namespace {

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Scanned scan(std::string_view message) {
  Scanned found;
  found.trimmed = without_space(message);
  found.digits = found.trimmed;
  if (found.digits.empty()) {
    found.fault = Fault::empty;
    return found;
  }
  const bool minus = found.digits.front() == '-';
  if (is_sign(found.digits.front())) found.digits.remove_prefix(1);
  if (found.digits.empty() || !std::all_of(found.digits.begin(), found.digits.end(), is_digit))
    found.fault = Fault::not_an_integer;
  else if (found.digits.size() > max_digits)
    found.fault = Fault::too_long;
  found.digits.remove_prefix(std::min(found.digits.find_first_not_of('0'), found.digits.size()));
  found.negative = minus;
  return found;
}

}  // namespace integer
