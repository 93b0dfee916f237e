// Messages end at LF; a CR before it is dropped. Replies end with LF. A last line without LF counts
// when the client ends.
#pragma once

#include "core/session/framer.h"

namespace asyncd {

class LineFramer final : public Framer {
 public:
  explicit LineFramer(std::uint64_t max_message);
  Frame next(std::string_view input, std::size_t scanned, bool ended) const override;

 private:
  std::uint64_t max_message_;
};

}  // namespace asyncd
