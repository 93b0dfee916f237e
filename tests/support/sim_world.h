// SimWorld: what the parts of a simulated loop share: how the run goes, its chance, its time, and
// the first breach of the rules that one of them has found. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "tests/support/random.h"

namespace asyncd::test {

inline constexpr Instant sim_start = Instant{} + std::chrono::hours(1);

enum class SimKind : std::uint8_t {
  // what is pending at a close completes all the same, and the last of it frees the connection
  completions,
  readiness,  // a close ends what is pending, though an event of it may be on its way already
  blocking,   // a read waits, in slices; for one client at a time
};

// How the run goes; chances in percent.
struct SimStyle {
  SimKind kind = SimKind::completions;
  std::size_t short_reads = 0;
  std::size_t short_sends = 0;
  std::size_t refused_sends = 0;  // nothing is taken though there is room
  std::size_t vain_reads = 0;     // a wait for input ends without any
  std::size_t inline_reads = 0;
  std::size_t inline_yields = 0;
  std::size_t delays = 0;
  Duration longest_delay{};           // of what is pending, and of what the loop is told
  std::size_t most_cached = 4 << 20;  // by its buffers
};

class SimWorld {
 public:
  SimWorld(const SimStyle& its_style, std::uint64_t seed) : style(its_style), random(seed) {}
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  const SimStyle style;
  Random random;
  Instant now = sim_start;

  bool blocks() const { return style.kind == SimKind::blocking; }
  Instant delayed() { return delayed(now); }
  Instant delayed(Instant time) {
    return random.chance(style.delays) ? after(time, random.time_up_to(style.longest_delay)) : time;
  }

  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = std::move(what);
  }
  const std::string& complaint() const { return complaint_; }  // the first, or empty

 private:
  std::string complaint_;
};

}  // namespace asyncd::test
