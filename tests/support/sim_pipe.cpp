#include "tests/support/sim_pipe.h"

#include <algorithm>

namespace asyncd::test {

void SimPipe::write(std::string_view bytes, Instant now) {
  if (done_) return;
  sent_ += bytes;
  transmit(now);
}

void SimPipe::end(Instant now) {
  if (done_) return;
  done_ = ending_ = true;
  transmit(now);
}

void SimPipe::reset(Instant now) {
  abandon();
  const bool told = std::any_of(there_.begin(), there_.end(),
                                [](const Parcel& one) { return one.kind == Kind::reset; });
  if (!told && !reset_) ship(there_, Kind::reset, left_, now);
}

std::size_t SimPipe::take(std::span<char> buffer, Instant now) {
  const std::size_t bytes = sent_.copy(buffer.data(), std::min(buffer.size(), unread()), taken_);
  taken_ += bytes;
  ship(back_, Kind::room, taken_, now);
  return bytes;
}

Instant SimPipe::next() const {
  Instant soonest = never;
  for (const auto* parcels : {&there_, &back_})
    if (!parcels->empty()) soonest = std::min(soonest, parcels->front().at);
  return soonest;
}

void SimPipe::advance(Instant now) {
  while (!back_.empty() && back_.front().at <= now) {
    known_ = back_.front().total;
    back_.erase(back_.begin());
    transmit(now);
  }
  while (!there_.empty() && there_.front().at <= now) {
    deliver(there_.front());
    there_.erase(there_.begin());
  }
}

void SimPipe::ship(std::vector<Parcel>& parcels, Kind kind, std::size_t total, Instant now) {
  parcels.push_back({kind, total, after(now, shape_.latency)});
}

// Lets leave what may.
void SimPipe::transmit(Instant now) {
  const std::size_t allowed =
      shape_.receive_buffer > SIZE_MAX - known_ ? SIZE_MAX : known_ + shape_.receive_buffer;
  if (const std::size_t most = std::min(sent_.size(), allowed); most > left_)
    ship(there_, Kind::bytes, left_ = most, now);
  if (!ending_ || left_ < sent_.size()) return;
  ship(there_, Kind::end, left_, now);
  ending_ = false;
}

void SimPipe::deliver(const Parcel& parcel) {
  if (reset_) return;
  if (parcel.kind == Kind::bytes) {
    arrived_ = parcel.total;
    arrivals_.push_back({arrived_, parcel.at});
  }
  if (parcel.kind == Kind::end) ended_ = true;
  if (parcel.kind == Kind::reset) reset_ = true;
}

}  // namespace asyncd::test
