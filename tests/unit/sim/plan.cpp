#include "plan.h"

#include <algorithm>

#include "tests/support/random.h"

namespace sim {

namespace {

using asyncd::Duration;
using asyncd::test::Random;
using std::chrono::milliseconds;
using Does = Step::Does;

// fits into any window in one piece, so a flush may come to nothing
constexpr std::size_t small_reply = 50;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return hash;
}

class Planner {
 public:
  Planner(std::string_view message, Answer answer, const Manner& manner)
      : random_(hash_of(message)),
        manner_(manner),
        left_(answer.outcome == ASYNCD_REPLY ? answer.text.size() : 0),
        flushes_(manner.flushes && left_ <= manner.longest_flushed),
        small_(left_ <= small_reply),
        plan_{.answer = std::move(answer)} {}

  Plan plan() {
    if (random_.chance(45)) return plan_;
    for (std::size_t left = random_.between(1, 3); left > 0; --left) add();
    const bool fails = flushes_ && random_.chance(3);
    if (fails) plan_.answer.outcome = ASYNCD_ERROR;
    if (fails || sticks_) flush_all();
    return plan_;
  }

 private:
  // Then it matters whether something of the reply has gone already.
  void flush_all() {
    for (Step& step : plan_.steps)
      if (step.does == Does::flush) step.timeout = {};
  }

  void add() {
    const std::size_t kind = random_.between(0, 99);
    if (kind < 30)
      plan_.steps.push_back({.does = Does::sleep, .time = some_time()});
    else if (kind < 55)
      add_ticket();
    else if (kind < 70)
      plan_.steps.push_back({.does = Does::both, .time = some_time(), .post = some_time()});
    else if (kind < 77)
      plan_.steps.push_back({.does = Does::hurry});
    else if (kind < 80 && manner_.sticks) {
      plan_.steps.push_back({.does = Does::stick});
      sticks_ = true;
    } else if (flushes_)
      add_flush();
  }

  // It may be posted before a call waits for it, or when no call waits for it any more.
  void add_ticket() {
    plan_.steps.push_back({.does = Does::open, .post = some_time()});
    if (random_.chance(50)) plan_.steps.push_back({.does = Does::sleep, .time = some_time()});
    plan_.steps.push_back(
        {.does = Does::wait, .timeout = random_.chance(30) ? some_time() : Duration{}});
  }

  void add_flush() {
    const std::size_t part = random_.between(0, left_);
    left_ -= part;
    const Duration timeout = small_ && random_.chance(30) ? some_time() : Duration{};
    plan_.steps.push_back({.does = Does::flush, .timeout = timeout, .part = part});
  }

  Duration some_time() { return random_.time_up_to(milliseconds(10)); }

  Random random_;
  const Manner& manner_;
  std::size_t left_;  // of the reply, to be flushed
  const bool flushes_;
  const bool small_;
  bool sticks_ = false;
  Plan plan_;
};

}  // namespace

// What was written has to tell which calls were in time, so none may say nothing.
Plan plan_of(std::string_view message, char mark, const Manner& manner) {
  Answer answer = answer_to(message, mark);
  if (!manner.waits) return {.answer = std::move(answer)};
  if (manner.may_time_out() && answer.outcome != ASYNCD_ERROR && answer.text.empty()) {
    answer.outcome = ASYNCD_REPLY;
    answer.text = "nothing";
  }
  return Planner(message, std::move(answer), manner).plan();
}

std::string prefix_of(const asyncd::Framing& framing, std::size_t size) {
  if (framing.kind != asyncd::FramingKind::length) return "";
  std::string bytes;
  for (std::size_t i = 0; i < framing.prefix_size; ++i) bytes += static_cast<char>(size >> (8 * i));
  if (framing.prefix_order == asyncd::ByteOrder::big) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

}  // namespace sim
