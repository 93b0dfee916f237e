// Bench: everything that the runs of one command have in common, made once: the configuration, the
// handler in this process, the messages; and then run after run, each with a server of its own or
// against one that is there. One thread.
#pragma once

#include <memory>
#include <optional>

#include "cmd/bench/exchange/reference.h"
#include "cmd/bench/exchange/reply_checker.h"
#include "cmd/bench/judge/outcome.h"
#include "cmd/bench/options.h"
#include "cmd/bench/show/progress.h"

namespace asyncd::bench {

class Bench {
 public:
  // Loads and checks what the options ask for. `sources` of the options have their environment by
  // now.
  static Result<std::unique_ptr<Bench>> prepare(const BenchOptions& options, Progress& progress);
  ~Bench();

  // One run with a fresh server of this backend (or the target of the options).
  Result<Outcome> measure(const LoadPlan& plan, const std::string& backend,
                          const std::string& title);

  bool interrupted() const { return interrupted_; }
  const std::string& backend() const { return listener_.backend; }
  const std::string& handler() const { return listener_.handler; }
  const Config& config() const { return config_; }

 private:
  Bench(const BenchOptions& options, Progress& progress) : options_(options), progress_(progress) {}
  Result<void> load();
  Result<void> make_tape();
  std::vector<std::string> server_arguments(const LoadPlan& plan, const std::string& backend) const;
  std::uint64_t served_at_once(const LoadPlan& plan, const std::string& backend) const;
  Outcome describe(const LoadPlan& plan, const std::string& backend) const;

  const BenchOptions& options_;
  Progress& progress_;
  Config config_;
  std::string config_hash_;
  ListenerConfig listener_;
  std::optional<Reference> reference_;
  std::optional<ReplyChecker> checker_;
  Recording recording_;
  Cores all_cores_;
  bool interrupted_ = false;
};

}  // namespace asyncd::bench
