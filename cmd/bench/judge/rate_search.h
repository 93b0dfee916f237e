// RateSearch: which rates --find-rate tries, one after the other, and what it has found by then.
// Plain value: it knows no server and no clock.
#pragma once

#include <optional>

namespace asyncd::bench {

class RateSearch {
 public:
  // `reached` is what a closed loop reaches, in messages a second: no open loop with as many
  // connections gets further.
  explicit RateSearch(double reached) : high_(reached * 1.05) { choose(); }

  double rate() const { return rate_; }             // to be tried next
  bool confirms() const { return refusals_ >= 0; }  // by a run of full length
  bool over() const { return found_ || gave_up_; }
  std::optional<double> found() const { return found_; }

  // The condition held at rate(), or did not.
  void on_result(bool good);

  static constexpr double close_enough = 0.02;  // of the rate
  static constexpr int most_steps = 12;
  static constexpr int most_runs = 5;  // of full length

 private:
  void choose();

  double low_ = 0, high_;  // it held at the one, and not at the other
  double rate_ = 0;
  int steps_ = 0;
  int refusals_ = -1;  // of runs of full length; negative before the first
  bool gave_up_ = false;
  std::optional<double> found_;
};

}  // namespace asyncd::bench
