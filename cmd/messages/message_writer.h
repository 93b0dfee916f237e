// MessageWriter: what a client sends: lines of text, or bytes, in the framing that the server
// expects. One stream; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/session/framer.h"

namespace asyncd {

class MessageWriter {
 public:
  explicit MessageWriter(const Framing& framing);

  // Whether bytes go out as they come in; else each line becomes a message.
  bool passes() const { return !traits_of(framing_.kind).is_counted; }

  // Appends what is to be sent for these bytes. The error (1) says which message cannot be one.
  Result<void> write(std::string_view bytes, std::string& out);
  Result<void> end(std::string& out);  // the last line may lack its end

  // Appends one message. The same error.
  Result<void> write_message(std::string_view message, std::string& out) const;

 private:
  const Framing framing_;
  const std::unique_ptr<const Framer> framer_;  // of a framing that tells lengths
  std::string line_;                            // that has not ended
  bool in_line_ = false;                        // where bytes pass
};

}  // namespace asyncd
