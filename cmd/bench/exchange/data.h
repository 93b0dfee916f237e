// Data: what the messages are: "int:-1000000..1000000", "text:64B" or "file:PATH" (a message a
// line). Start-up only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/bench/statistics/random.h"
#include "core/base/result.h"

namespace asyncd::bench {

class Data {
 public:
  // The error says what was expected (2), or why the file cannot be read (that of OpenFile). A file
  // is read here.
  static Result<Data> parse(std::string_view text);

  // The next message, without framing. A file's come in their order, and again from its beginning.
  std::string next(Random& random);

  // How many different ones there are, at most.
  std::size_t variety() const;

 private:
  enum class Kind { integer, text, file };

  static Result<Data> parse_integer(std::string_view range);
  static Result<Data> parse_text(std::string_view size);
  static Result<Data> read_file(const std::string& path);

  Kind kind_ = Kind::integer;
  std::int64_t least_ = 0, most_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::string> lines_;
  std::size_t position_ = 0;
};

}  // namespace asyncd::bench
