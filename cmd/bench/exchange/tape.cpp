#include "cmd/bench/exchange/tape.h"

#include <algorithm>

namespace asyncd::bench {

void Tape::add(std::string_view request, std::string_view reply) {
  requests_ += request;
  replies_ += reply;
  ends_.push_back({requests_.size(), replies_.size()});
}

void Tape::repeat_to(std::size_t messages) {
  const std::size_t once = size();
  for (std::size_t i = 0; once != 0 && size() < messages; i = (i + 1) % once) {
    // Copies: adding moves what they would be views of.
    const std::string request =
        requests_.substr(request_begin(i), request_end(i) - request_begin(i));
    const std::string reply = replies_.substr(reply_begin(i), reply_end(i) - reply_begin(i));
    add(request, reply);
  }
}

std::size_t Tape::message_at(std::uint64_t position) const {
  const auto after = std::upper_bound(
      ends_.begin(), ends_.end(), position,
      [](std::uint64_t wanted, const Ends& ends) { return wanted < ends.request; });
  return static_cast<std::size_t>(after - ends_.begin());
}

}  // namespace asyncd::bench
