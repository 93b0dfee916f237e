#include "cmd/bench/drive/measured.h"

namespace asyncd::bench {

std::string_view text_of(Failure failure) {
  switch (failure) {
    case Failure::refused:
      return "connections refused";
    case Failure::no_port:
      return "no local port left";
    case Failure::no_resource:
      return "no descriptor or memory left";
    case Failure::unreachable:
      return "server not reached";
    case Failure::reset:
      return "connections reset";
    case Failure::early_eof:
      return "closed before the reply";
    case Failure::timeout:
      return "timed out";
    case Failure::wrong_reply:
      return "wrong replies";
    case Failure::error_reply:
      return "'error: ' replies";
  }
  return "";
}

void Recorder::begin(Instant now) {
  recording_ = true;
  measured_.counts = {};
  second_ = {};
  began_ = second_began_ = now;
}

void Recorder::end(Instant now, std::uint64_t connections) {
  if (!recording_) return;
  if (now > second_began_) close_second(now, connections);
  recording_ = false;
  measured_.elapsed = now - began_;
}

const Second* Recorder::roll(Instant now, std::uint64_t connections) {
  if (!recording_ || now - second_began_ < std::chrono::seconds(1)) return nullptr;
  return &close_second(now, connections);
}

const Second& Recorder::close_second(Instant now, std::uint64_t connections) {
  second_.at = now - began_;
  second_.length = now - second_began_;
  second_.connections = connections;
  second_.p50 = latency_.percentile(50);
  second_.p99 = latency_.percentile(99);
  second_.max = latency_.max();
  measured_.counts.sent += second_.sent;
  measured_.counts.answered += second_.answered;
  measured_.latency.merge(latency_);
  latency_.clear();
  measured_.seconds.push_back(second_);
  second_ = {};
  second_began_ = now;
  return measured_.seconds.back();
}

}  // namespace asyncd::bench
