#include "cmd/bench/drive/measured.h"

namespace asyncd::bench {

namespace {

struct Words {
  std::string_view key, text;
};
constexpr std::array<Words, failure_kinds> words{{
    {"connect_refused", "connections refused"},
    {"no_local_port", "no local port left"},
    {"no_resource", "no descriptor or memory left"},
    {"unreachable", "server not reached"},
    {"reset", "connections reset"},
    {"early_eof", "closed before the reply"},
    {"timeout", "timed out"},
    {"wrong_reply", "wrong replies"},
    {"error_reply", "'error: ' replies"},
}};

}  // namespace

std::string_view failure_key(Failure failure) {
  return words[static_cast<std::size_t>(failure)].key;
}
std::string_view failure_text(Failure failure) {
  return words[static_cast<std::size_t>(failure)].text;
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
