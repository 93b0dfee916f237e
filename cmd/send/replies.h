// Replies: what one server answers, on its way to standard output: as it is, or line by line with
// the server's name before each. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/session/framer.h"

namespace asyncd::send {

class Replies {
 public:
  using Print = std::function<void(std::string_view)>;

  // `name`: empty where there is one server only.
  Replies(std::string name, const Framing& framing, Print print);

  bool add(std::string_view bytes);  // false: this is not in the framing that was expected
  void end();                        // nothing more comes

 private:
  void print_line(std::string_view line);
  std::size_t print_lines(std::string_view bytes);
  std::size_t print_messages(std::string_view bytes);
  std::size_t print_whole(std::string_view bytes);

  const std::string name_;
  const std::unique_ptr<const Framer> framer_;  // null: lines
  const Print print_;
  std::string rest_;  // the beginning of a line or message
  bool strange_ = false;
};

}  // namespace asyncd::send
