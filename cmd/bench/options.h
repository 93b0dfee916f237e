// The command line of `asyncd bench`, read into plain values. Reads nothing but its arguments and
// prints nothing. Used once, at start.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/bench/drive/load_plan.h"
#include "cmd/bench/judge/condition.h"
#include "cmd/cli/options.h"

namespace asyncd::bench {

enum class ProgressKind : std::uint8_t { automatic, plain, json, none };

struct BenchOptions {
  Command command = Command::run;   // or help, or bench_...
  std::optional<Command> help_for;  // help; nothing means all commands
  // for the server and for the handler in this process; all but the environment
  Sources sources;
  std::optional<std::string> target;  // nothing: a server of its own
  LoadPlan plan;
  bool duration_given = false;
  bool warmup_given = false;
  std::string data = "int:-1000000..1000000";
  std::string check = "handler";
  std::optional<Condition> find_rate;
  std::optional<Condition> fail_if;
  std::string json_file, csv_file;  // empty: none; "-": standard output
  ProgressKind progress = ProgressKind::automatic;
  std::uint64_t server_pid = 0;

  // matrix: everything with everything
  std::vector<std::string> handlers;  // empty: that of the sources
  std::vector<std::string> backends{"all"};
  std::vector<std::uint64_t> many_connections{1, 64};
  std::vector<std::uint64_t> depths{1};
  std::uint64_t repeats = 5;

  // compare and report
  std::vector<std::string> files;
  std::string html_file, svg_file;  // report; "-": standard output
};

Result<BenchOptions> parse_bench_options(std::span<const char* const> arguments);

// What `asyncd bench --help` prints, or `asyncd bench COMMAND --help`.
std::string bench_help(std::optional<Command> command);

}  // namespace asyncd::bench
