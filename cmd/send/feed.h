// Feed: what one server is sent, framed, piece by piece. Owned by the main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/messages/message_writer.h"
#include "core/net/waker.h"

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

// The same text for everybody.
std::unique_ptr<Feed> feed_text(std::shared_ptr<const std::string> text);

// A file, read by each at its own pace. 66: it cannot be read.
Result<std::unique_ptr<Feed>> feed_file(const std::string& path, const Framing& framing);

// Standard input, which can be read only once: no server gets further ahead of the slowest than a
// few MiB.
class StandardInput {
 public:
  // `waker` is woken when there is something new. The reading thread may outlive this: nothing can
  // end its wait.
  StandardInput(const Framing& framing, Waker& waker);
  ~StandardInput();
  Result<void> start();

  std::unique_ptr<Feed> feed() const;  // before start; its end gives up the rest

 private:
  class Window;
  class WindowFeed;
  std::shared_ptr<Window> window_;
};

}  // namespace asyncd::send
