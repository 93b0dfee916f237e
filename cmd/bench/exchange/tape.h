// Tape: the messages that are sent, framed, one behind the other, and what must come back,
// likewise. Every connection runs along the same tape from a place of its own, so it needs no bytes
// of its own, and a whole read is checked by one comparison. Filled once, then immutable; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace asyncd::bench {

class Tape {
 public:
  void add(std::string_view request, std::string_view reply);
  // Over and over, until there are so many.
  void repeat_to(std::size_t messages);

  std::size_t size() const { return ends_.size(); }
  std::string_view requests() const { return requests_; }
  std::string_view replies() const { return replies_; }

  // Where message `index` begins and ends on either side.
  std::uint64_t request_begin(std::size_t index) const {
    return index == 0 ? 0 : ends_[index - 1].request;
  }
  std::uint64_t request_end(std::size_t index) const { return ends_[index].request; }
  std::uint64_t reply_begin(std::size_t index) const {
    return index == 0 ? 0 : ends_[index - 1].reply;
  }
  std::uint64_t reply_end(std::size_t index) const { return ends_[index].reply; }
  bool is_silent(std::size_t index) const { return reply_begin(index) == reply_end(index); }

  // The message of which byte `position` of the requests is a part.
  std::size_t message_at(std::uint64_t position) const;

 private:
  struct Ends {
    std::uint64_t request, reply;
  };

  std::string requests_, replies_;
  std::vector<Ends> ends_;
};

}  // namespace asyncd::bench
