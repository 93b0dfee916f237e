// Refusals: clients that are turned away before they have a session: why, and in which words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/session/framer.h"

namespace asyncd {

enum class RejectReason : std::uint8_t {
  full,                  // max_connections, where the overload is shed
  address_full,          // max_connections_per_ip
  threads_busy,          // all that the backend takes in are open, where the overload is shed
  descriptor_too_large,  // for select
  no_thread,
  no_memory,
  no_worker,
  stopping,
};

constexpr std::string_view name_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::full:
      return "full";
    case RejectReason::address_full:
      return "address_full";
    case RejectReason::threads_busy:
      return "threads_busy";
    case RejectReason::descriptor_too_large:
      return "descriptor_too_large";
    case RejectReason::no_thread:
      return "no_thread";
    case RejectReason::no_memory:
      return "no_memory";
    case RejectReason::no_worker:
      return "no_worker";
    case RejectReason::stopping:
      return "stopping";
  }
  return "";
}

std::string_view explain(RejectReason reason);  // to the operator

// What the client reads, in the listener's framing. Takes no memory, because there may be none.
class Refusal {
 public:
  Refusal(const Framer& framer, RejectReason reason);
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  void append(std::string_view text) {
    size_ += text.copy(bytes_.data() + size_, bytes_.size() - size_);
  }

  std::array<char, 96> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace asyncd
