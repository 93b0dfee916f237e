#include "tests/support/sim_peer.h"

#include <algorithm>

namespace asyncd::test {

SimPeer::SimPeer(Script script) : script_(std::move(script)), take_at_(std::max(script_.connects, script_.takes_from)) {
  if (!script_.acts.empty()) act_at_ = after(script_.connects, script_.acts.front().pause);
}

Instant SimPeer::next() const {
  if (gone()) return never;
  return std::min(act_at_, has_to_take() ? take_at_ : never);
}

void SimPeer::act(Instant now) {
  while (!gone() && act_at_ <= now) {
    perform(script_.acts[next_act_]);
    ++next_act_;
    act_at_ = next_act_ < script_.acts.size() ? after(act_at_, script_.acts[next_act_].pause) : never;
  }
  if (!gone() && has_to_take() && take_at_ <= now) take(now);
}

void SimPeer::perform(const Act& act) {
  if (act.does == Does::reset) {
    reset_ = true;
  } else if (act.does == Does::end) {
    ended_ = true;
  } else if (server_closed_) {
    was_reset_ = true;
  } else {
    sent_ += act.bytes;
  }
}

void SimPeer::take(Instant now) {
  taken_ += std::min(script_.takes_most, written_.size() - taken_);
  take_at_ = after(now, script_.takes_every);
  if (!server_ended_ || taken_ < written_.size()) return;
  saw_end_ = true;
  if (script_.ends_when_told) ended_ = true, act_at_ = never;
}

IoResult SimPeer::read(std::span<char> buffer, Instant now) {
  if (reset_) return {IoResult::Status::reset};
  if (read_ == sent_.size()) return {ended_ ? IoResult::Status::eof : IoResult::Status::would_block};
  const std::size_t bytes = sent_.copy(buffer.data(), buffer.size(), read_);
  read_ += bytes;
  reads.push_back({read_, now});
  return {IoResult::Status::ok, bytes};
}

IoResult SimPeer::write(std::string_view bytes, Instant now) {
  if (reset_) return {IoResult::Status::reset};
  const std::size_t count = std::min(bytes.size(), room());
  if (count == 0) return {IoResult::Status::would_block};
  // A client that was waiting takes from now on; one that was not goes on at its pace.
  if (taken_ == written_.size()) take_at_ = std::max(take_at_, now);
  written_ += bytes.substr(0, count);
  writes.push_back({written_.size(), now});
  return {IoResult::Status::ok, count};
}

void SimPeer::close() {
  server_ended_ = server_closed_ = true;
  if (unread() != 0) was_reset_ = true;
}

}  // namespace asyncd::test
