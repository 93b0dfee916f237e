// RunObserver: observes one run: reads what client and server have used before and after the
// measured time, shows each second, and ends the run where the user or the server ends. One thread.
#pragma once

#include <optional>

#include "cmd/bench/drive/load.h"
#include "cmd/bench/drive/server_process.h"
#include "cmd/bench/judge/outcome.h"
#include "cmd/bench/show/progress.h"
#include "cmd/bench/system/usage.h"

namespace asyncd::bench {

class RunObserver final : public LoadObserver {
 public:
  // `server`: the process, 0 where it is unknown; `child`: it, where bench has started it.
  RunObserver(Progress& progress, std::uint64_t server, ServerProcess* child);

  void on_measuring(std::uint64_t connections) override;
  void on_measured() override;
  void on_second(const Second& second) override { progress_.second(second); }
  bool wants_end() override;

  void tell(Outcome& outcome) const;     // the prices, and what others took
  bool ended() const { return ended_; }  // by the user

 private:
  SystemTime system_time(const Usage& client, const Usage& server) const;
  Contention contention(const Outcome& outcome) const;

  Progress& progress_;
  const std::uint64_t server_;
  ServerProcess* const child_;
  std::optional<UsageProbe> probe_;
  Usage idle_, server_before_, server_after_, client_before_, client_after_;
  SystemTime before_, after_;
  std::uint64_t connections_ = 0;  // when measuring began
  bool ended_ = false;
};

}  // namespace asyncd::bench
