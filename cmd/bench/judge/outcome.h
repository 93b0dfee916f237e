// Outcome: all that there is to say of one run: what was asked, what was measured, what it cost,
// where, and whether it can be trusted. Plain values, filled by Bench and read by what prints them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/bench/drive/load_plan.h"
#include "cmd/bench/drive/measured.h"
#include "cmd/bench/system/machine.h"
#include "cmd/bench/system/usage.h"
#include "core/session/limits.h"
#include "core/system/cores.h"

namespace asyncd::bench {

enum class Validity : std::uint8_t { valid, suspect, invalid };

constexpr std::string_view name_of(Validity level) {
  switch (level) {
    case Validity::valid:
      return "VALID";
    case Validity::suspect:
      return "SUSPECT";
    case Validity::invalid:
      return "INVALID";
  }
  return "";
}

struct Reason {
  Validity level = Validity::suspect;
  std::string text;
};

struct Verdict {
  Validity level = Validity::valid;
  std::vector<Reason> reasons;
};

// The price of the measured time, as far as it could be read.
struct Price {
  std::optional<Duration> cpu;
  std::optional<std::uint64_t> context_switches, system_calls;
  std::optional<std::uint64_t> resident, own, threads;  // at the end
  // --idle: bytes of memory that each connection has added
  std::optional<std::uint64_t> per_connection;
};
Price price_of(const Usage& before, const Usage& after);
// Whether what the threads that are there have counted is nearly all of it.
bool threads_last(const Usage& before, const Usage& after);

// What this program is.
struct Build {
  std::string version, commit, type, compiler, sanitizers;
  bool optimised = true;
  bool checks_handlers = false;
};

struct Outcome {
  LoadPlan plan;
  std::string backend;  // empty: unknown, because the server is not ours
  std::string handler, framing, data, check, address, config_hash;
  std::string time;  // of its beginning: "2026-01-02T03:04:05Z"
  bool own_server = false;
  bool loopback = false;
  std::uint64_t server_process = 0;  // 0: unknown
  // connections, by our own server; others wait or are turned away
  std::uint64_t served_at_once = unlimited_count;
  Cores client_cores, server_cores;

  Measured measured;
  Price client, server;
  Contention contention;             // what took processor time away from them
  std::uint64_t refused = 0;         // percent of the messages that the handler refuses
  std::uint64_t silent = 0;          // ... and of those that it does not answer
  std::string refusal;               // its words for the first of them
  std::optional<double> found_rate;  // --find-rate: confirmed by this run

  Build build;
  Facts environment;
  std::vector<double> quoted;  // percentiles that a condition rests on
  Verdict verdict;
};

// VALID, SUSPECT or INVALID, with all reasons.
Verdict assess(const Outcome& outcome);

}  // namespace asyncd::bench
