// Pace: how many messages are begun and through, and, for an open loop, when the next one is due,
// whatever the server does. One owner; one thread.
#pragma once

#include <optional>

#include "cmd/bench/drive/course.h"
#include "cmd/bench/drive/load_plan.h"
#include "cmd/bench/drive/measured.h"
#include "cmd/bench/drive/schedule.h"

namespace asyncd::bench {

class Pace {
 public:
  // All outlive it.
  Pace(const LoadPlan& plan, const Course& course, Recorder& recorder);

  void start(Instant now);            // from here on messages are due
  void begin_measuring(Instant now);  // what is under way is among those that are to be through
  void end_measuring(Instant now) { end_ = std::min(end_, now); }
  Instant end() const { return end_; }  // of measuring
  bool is_over(Instant now) const;

  // Whether one more is to be sent; a warm-up has as many as it takes.
  bool may_begin() const;
  void count_begun(Instant intended);
  void count_through(std::uint64_t messages) { through_ += messages; }

  // An open loop's. Whether a message is left that is due before the end; or by now.
  bool is_more_due() const { return may_begin() && schedule_->next() < end_; }
  bool is_due(Instant now) const { return is_more_due() && schedule_->next() <= now; }
  Instant next_due() const { return schedule_->next(); }
  // The moment at which the next message was due. How much of its wait since then is the client's
  // own doing is recorded.
  Instant take_due();
  // The client would have sent since, but comes to it only now.
  void note_absence(Instant since, Instant now);
  // The end: what was due while it measured, and was never begun.
  void count_never_begun();

 private:
  const LoadPlan& plan_;
  const Course& course_;
  Recorder& recorder_;
  std::optional<Schedule> schedule_;
  Instant end_{never};
  Instant away_{}, back_{};  // from when to when the client last did not do its part
  std::uint64_t begun_ = 0, through_ = 0;
};

}  // namespace asyncd::bench
