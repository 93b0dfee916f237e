#include "core/accept/staged_refusal.h"

#include <array>
#include <utility>

namespace asyncd {

StagedRefusal::StagedRefusal(std::shared_ptr<const void> owner, std::unique_ptr<Stage> stage,
                             std::string_view text)
    : owner_(std::move(owner)), stage_(std::move(stage)), text_(text) {}

StagedRefusal::Progress StagedRefusal::advance(NativeSocket socket, Instant now) {
  if (!receive(socket)) return Progress::over;
  if (now >= stage_->deadline()) stage_->on_time(now);
  say();
  if (!flush(socket)) return Progress::over;
  const bool done = said_ || stage_->failure() != CloseReason::none;
  if (done && out_.empty()) return Progress::said;
  return ended_ ? Progress::over : Progress::waits;
}

// Reads a bounded number of times, however much the client sends.
bool StagedRefusal::receive(NativeSocket socket) {
  std::array<char, 4096> bytes;
  Buffer unsent(pool_);  // the stage's answers after the closing word are dropped
  for (int i = 0; i < 16 && !ended_ && stage_->failure() == CloseReason::none; ++i) {
    const IoResult result = receive_some(socket, bytes);
    switch (result.status) {
      case IoResult::Status::ok:
        stage_->receive({bytes.data(), result.bytes}, plain_, said_ ? unsent : out_.back());
        plain_.clear();
        break;
      case IoResult::Status::would_block:
        return true;
      case IoResult::Status::eof:
        ended_ = true;
        break;
      case IoResult::Status::reset:
      case IoResult::Status::failed:
        return false;
    }
  }
  return true;
}

void StagedRefusal::say() {
  if (said_ || !stage_->is_open() || stage_->failure() != CloseReason::none) return;
  said_ = true;
  stage_->send(text_, out_.back());
  stage_->send_end(out_.back());
}

bool StagedRefusal::flush(NativeSocket socket) {
  for (std::string_view pending = out_.pending(); !pending.empty(); pending = out_.pending()) {
    const IoResult result = send_some(socket, pending);
    if (result.status == IoResult::Status::would_block) return true;
    if (result.status != IoResult::Status::ok) return false;
    out_.on_sent(result.bytes);
  }
  return true;
}

}  // namespace asyncd
