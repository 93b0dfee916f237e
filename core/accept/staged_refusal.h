// StagedRefusal: what a client that is turned away reads, where its bytes go through a stage: the
// stage has to be open first. Never waits. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/send_buffer.h"
#include "core/net/socket.h"
#include "core/stage/stage.h"

namespace asyncd {

class StagedRefusal {
 public:
  // `owner` keeps what the stage needs. std::bad_alloc.
  StagedRefusal(std::shared_ptr<const void> owner, std::unique_ptr<Stage> stage,
                std::string_view text);

  enum class Progress : std::uint8_t {
    waits,  // for the client; call advance again
    said,   // all that can be said has been sent: our side may be shut
    over,   // the client is gone
  };
  Progress advance(NativeSocket socket, Instant now);  // non-blocking socket; std::bad_alloc

 private:
  bool receive(NativeSocket socket);  // false: the client is gone
  void say();
  bool flush(NativeSocket socket);  // likewise

  const std::shared_ptr<const void> owner_;
  const std::unique_ptr<Stage> stage_;
  const std::string text_;
  BufferPool pool_{0};
  Buffer plain_{pool_};
  SendBuffer out_{pool_};
  bool said_ = false;
  bool ended_ = false;  // the client's side of the wire
};

}  // namespace asyncd
