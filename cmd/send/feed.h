// Feed: what one server is sent, framed, piece by piece. Owned by the main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/messages/message_writer.h"

namespace asyncd::send {

class Feed {
 public:
  virtual ~Feed() = default;

  // What is to be sent next; valid until take. Empty: nothing at the moment, or for ever, once it
  // has ended.
  virtual std::string_view pending() = 0;
  virtual void take(std::size_t bytes) = 0;
  virtual bool ended() const = 0;

  // in all, where that is known
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  virtual const std::optional<Error>& error() const {  // why it cannot go on
    static const std::optional<Error> none;
    return none;
  }
};

// The same text for each server.
std::unique_ptr<Feed> feed_text(std::shared_ptr<const std::string> text);

// A file, read by each at its own pace. 66: it cannot be read.
Result<std::unique_ptr<Feed>> feed_file(const std::string& path, const Framing& framing);

}  // namespace asyncd::send
