// ReplyChecker: what makes a reply right, and where a reply ends that is not the one on the tape.
// Immutable; any thread.
#pragma once

#include <memory>
#include <optional>
#include <regex>
#include <string_view>

#include "core/session/framer.h"

namespace asyncd::bench {

enum class ReplyStatus : std::uint8_t {
  right,
  wrong,
  error,     // it begins with "error: "
  too_long,  // to match it
};

class ReplyChecker {
 public:
  enum class Check : std::uint8_t {
    tape,   // byte for byte what the handler says in this process, too
    regex,  // the text of each reply matches
    none,
  };

  // Matching takes stack for each byte: with libstdc++ half a KiB, and more where a pattern nests.
  static constexpr std::size_t longest_matched = 1024;

  explicit ReplyChecker(const Framing& framing, Check check = Check::tape,
                        std::optional<std::regex> pattern = {});

  Check check() const { return check_; }
  // Whether replies can be told apart without knowing them.
  bool can_cut() const { return framer_ != nullptr; }

  // One reply off the front of `bytes`: how long it is with its framing and what it is; 0 bytes: it
  // is not complete. Where replies cannot be told apart, all of the bytes are one.
  struct Reply {
    std::size_t size = 0;
    ReplyStatus status = ReplyStatus::right;
  };
  Reply read(std::string_view bytes) const;

 private:
  const Check check_;
  const std::optional<std::regex> pattern_;
  std::unique_ptr<const Framer> framer_;
};

}  // namespace asyncd::bench
