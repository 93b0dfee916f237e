#include "core/session/input.h"

namespace asyncd {

void Input::keep() {
  if (!lent_.empty()) kept_.append(lent_);
  lent_ = {};
}

void Input::discard() {
  lent_ = bytes_ = {};
  parsed_ = 0;
  kept_.clear();
}

void Input::begin_turn() {
  if (!kept_.empty()) keep();
  bytes_ = kept_.empty() ? lent_ : kept_.view();
  parsed_ = 0;
}

void Input::end_turn() {
  if (!kept_.empty())
    kept_.consume(parsed_);
  else if (has_unparsed())
    kept_.append(bytes_.substr(parsed_));
  lent_ = bytes_ = {};
  parsed_ = 0;
}

}  // namespace asyncd
