#include "cmd/asyncd/bench/flags.h"

#include <array>

namespace asyncd::bench {

namespace {

constexpr std::array<Flag, 31> flag_table{{
    {'b', "backend", "NAME", "of the server that is started where no TARGET is given"},
    {'H', "handler", "NAME", "what that server serves, and what replies are checked with"},
    {0, "framing", "KIND", "line, raw, fixed, length or handler"},
    {0, "config", "FILE", "read this configuration file"},
    {0, "no-config", "", "look for no configuration file"},
    {'o', "", "KEY=VALUE", "any setting, for the server and the check; may be repeated"},
    {0, "handler-path", "DIRS", "where handlers are searched first"},
    {'c', "connections", "N", "how many at once (1)"},
    {'d', "depth", "N", "messages under way on each (1)"},
    {0, "think", "FROM..TO", "pause before each message, as in 0s..2s"},
    {'R', "rate", "N", "open loop: so many messages a second, however slow the server is"},
    {0, "arrivals", "KIND", "of -R: constant (the default) or poisson"},
    {0, "one-shot", "", "a connection for each message: connect, send, read to the end"},
    {0, "idle", "N", "hold N silent connections, and say what each costs the server"},
    {0, "ramp", "A..B/TIME", "let the connections grow, as in 100..10000/30s"},
    {0, "find-rate", "COND", "search the highest rate at which this holds, as in 'p99<5ms'"},
    {0, "chaos", "LIST", "clients that misbehave besides, as in slow-reader:5%,reset:1%"},
    {0, "data", "KIND:WHAT", "messages: int:0..9, text:64B or file:PATH"},
    {0, "check", "HOW", "of replies: handler (the default), regex:PATTERN or none"},
    {0, "duration", "TIME", "of measuring (10s)"},
    {0, "requests", "N", "end after so many messages"},
    {0, "warmup", "TIME", "before measuring begins (1s, or a tenth of the duration)"},
    {0, "timeout", "TIME", "for each reply (10s)"},
    {0, "seed", "N", "for everything that is left to chance (1)"},
    {0, "server-pid", "PID", "the local process behind TARGET, whose price is told"},
    {0, "json", "FILE", "the result as JSON; - is standard output"},
    {0, "csv", "FILE", "the result as CSV; - is standard output"},
    {0, "fail-if", "COND", "exit 99 where this holds, as in 'p99>5ms' or 'rate<10k'"},
    {0, "progress", "KIND", "auto, plain, json or none, on standard error"},
    {'q', "quiet", "", "the same as --progress=none"},
    {'h', "help", "", "this text"},
}};

constexpr std::array<CommandName, 1> command_table{{
    {Command::run, "run", "[TARGET]", "measure one server; the command where none is given"},
}};

constexpr std::string_view example_lines = R"(Examples:
  asyncd bench --handler=square                            a server of its own, one client, ten seconds
  asyncd bench 127.0.0.1:8080 --handler=square -c 64       a server that runs; replies are checked with square
  asyncd bench --handler=echo -c 10 -R 2000                open loop: 2,000 messages a second
  asyncd bench --handler=echo -c 8 --think=0s..2s --data=int:0..9
)";

}  // namespace

const Grammar& grammar() {
  static const Grammar result{"asyncd bench", flag_table, command_table, 3};
  return result;
}

std::string_view examples() { return example_lines; }

}  // namespace asyncd::bench
