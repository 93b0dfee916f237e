#include "cmd/bench/flags.h"

#include <algorithm>
#include <array>

namespace asyncd::bench {

namespace {

constexpr CommandSet running = only(Command::run);
constexpr CommandSet matrix = only(Command::bench_matrix);
constexpr CommandSet measuring = running | matrix;
constexpr CommandSet reporting = only(Command::bench_report);

constexpr std::array<Flag, 37> flag_table{{
    {'b', "backend", "NAME", "of the server that is started where no TARGET is given", running},
    {0, "backends", "LIST", "matrix: compare these, or all (the default)", matrix},
    {'H', "handler", "NAME", "what that server serves, and what replies are checked with",
     measuring},
    {0, "handlers", "LIST", "matrix: compare these", matrix},
    {0, "framing", "KIND", "line, raw, fixed, length or handler", measuring},
    {0, "config", "FILE", "read this configuration file", measuring},
    {0, "no-config", "", "look for no configuration file", measuring},
    {'o', "", "KEY=VALUE",
     "any setting, for the server and the check; may be repeated. report: the page's file",
     measuring | reporting},
    {0, "handler-path", "DIRS", "where handlers are searched first", measuring},
    {'c', "connections", "N", "how many at once (1); matrix: a list (1,64)", measuring},
    {'d', "depth", "N", "messages under way on each (1); matrix: a list", measuring},
    {0, "repeats", "N", "matrix: how often each is measured (5)", matrix},
    {0, "think", "FROM..TO", "pause before each message, as in 0s..2s", measuring},
    {'R', "rate", "N", "open loop: so many messages a second, however slow the server is", running},
    {0, "arrivals", "KIND", "of -R: constant (the default) or poisson", running},
    {0, "one-shot", "", "a connection for each message: connect, send, read to the end", measuring},
    {0, "idle", "N", "hold N silent connections, and say what each costs the server", running},
    {0, "ramp", "A..B/TIME", "let the connections grow, as in 100..10000/30s", running},
    {0, "find-rate", "COND", "search the highest rate at which this holds, as in 'p99<5ms'",
     running},
    {0, "chaos", "LIST", "clients that misbehave besides, as in slow-reader:5%,reset:1%", running},
    {0, "data", "KIND:WHAT", "messages: int:0..9, text:64B or file:PATH", measuring},
    {0, "check", "HOW", "of replies: handler (the default), regex:PATTERN or none", measuring},
    {0, "duration", "TIME", "of measuring (10s; matrix: 2s each)", measuring},
    {0, "requests", "N", "end after so many messages", measuring},
    {0, "warmup", "TIME", "before measuring begins (1s, or a tenth of the duration)", measuring},
    {0, "timeout", "TIME", "for each reply (10s)", measuring},
    {0, "seed", "N", "for everything that is left to chance (1)", measuring},
    {0, "server-pid", "PID", "the local process behind TARGET, whose price is told", running},
    {0, "json", "FILE", "the result as JSON; - is standard output", measuring},
    {0, "csv", "FILE", "the result as CSV; - is standard output", measuring},
    {0, "fail-if", "COND", "exit 99 where this holds, as in 'p99>5ms' or 'rate<10k'", running},
    {0, "progress", "KIND", "auto, plain, json or none, on standard error", measuring},
    {'q', "quiet", "", "the same as --progress=none", measuring},
    {0, "html", "FILE", "report: one page of its own; - is standard output", reporting},
    {0, "svg", "FILE", "report: the charts alone; - is standard output", reporting},
    {'h', "help", "", "this text"},
}};

constexpr std::string_view example_lines = R"(Examples:
  asyncd bench --handler=square                            a server of its own, one client, ten seconds
  asyncd bench 127.0.0.1:8080 --handler=square -c 64       a server that runs; replies are checked with square
  asyncd bench --handler=echo -c 10 -R 2000                open loop: 2,000 messages a second
  asyncd bench --handler=echo -c 8 --think=0s..2s --data=int:0..9
  asyncd bench matrix --handler=square --connections=1,64 --json=square.json
  asyncd bench report square.json -o square.html
)";

constexpr std::string_view run_codes =
    "0   measured, and the result is valid\n"
    "1   anything failed\n"
    "2   wrong command line\n"
    "65  the handler is rejected\n"
    "66  no such handler or file\n"
    "69  the backend is unavailable here\n"
    "71  a limit of the system\n"
    "73  the result's file cannot be created\n"
    "77  no permission, or others may write the file\n"
    "78  the configuration is wrong\n"
    "98  the result is not valid: the output says why\n"
    "99  a threshold (--fail-if) was missed\n";
// A matrix has no thresholds.
constexpr std::string_view matrix_codes = run_codes.substr(0, run_codes.find("99  "));

constexpr std::array<Subcommand, 4> command_table{{
    {Command::run, "run", "[TARGET]", "measure one server; the command where none is given",
     "[run] [TARGET] [OPTION]...",
     "Measures one server: TARGET, which is host:port or unix:/path, or one of its own, which it "
     "starts and ends.\n",
     run_codes,
     "asyncd bench --handler=square                        a server of its own, one client, ten "
     "seconds\n"
     "asyncd bench 127.0.0.1:8080 --handler=square -c 64   a server that runs; replies are checked "
     "with square\n"},
    {Command::bench_matrix, "matrix", "", "measure several backends, or handlers, side by side",
     "matrix [OPTION]...",
     "Measures several backends, or handlers, side by side: everything that is listed with "
     "everything else.\n",
     matrix_codes, "asyncd bench matrix --handler=square --connections=1,64 --json=square.json\n"},
    {Command::bench_compare, "compare", "A B", "say whether two results (--json=FILE) differ",
     "compare A B", "Says whether two results (--json=FILE) differ by more than chance.\n",
     "0   compared\n"
     "1   they cannot be compared\n"
     "2   wrong command line\n"
     "66  no such file\n",
     "asyncd bench compare before.json after.json\n"},
    {Command::bench_report, "report", "FILE...", "make a page with charts of results (--json=FILE)",
     "report FILE... [OPTION]...",
     "Makes a page with charts, or the charts alone, of results (--json=FILE).\n",
     "0   written\n"
     "1   failed\n"
     "2   wrong command line\n"
     "66  no such file\n"
     "73  the page cannot be created\n",
     "asyncd bench report square.json -o square.html\n"},
}};
static_assert(std::all_of(command_table.begin(), command_table.end(),
                          [](const Subcommand& row) { return row.has_help(); }));

}  // namespace

const Grammar& grammar() {
  static const Grammar result{"asyncd bench", flag_table, command_table, 64};
  return result;
}

std::string_view examples() { return example_lines; }

}  // namespace asyncd::bench
