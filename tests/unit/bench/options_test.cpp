#include "cmd/bench/options.h"

#include <gtest/gtest.h>

using namespace asyncd;
using namespace asyncd::bench;

namespace {

using Arguments = std::vector<const char*>;

BenchOptions parsed(const Arguments& arguments) {
  const Result<BenchOptions> options = parse_bench_options(arguments);
  EXPECT_TRUE(options) << options.error().message;
  return options ? *options : BenchOptions{};
}

std::string refusal_of(const Arguments& arguments) {
  const Result<BenchOptions> options = parse_bench_options(arguments);
  if (options) return "accepted";
  EXPECT_EQ(options.error().code, ExitCode::usage);
  const std::string& message = options.error().message;
  return message.substr(0, message.find("\nTry 'asyncd bench --help'."));
}

TEST(BenchOptions, NothingMeansOneClientForTenSeconds) {
  const BenchOptions options = parsed({});
  EXPECT_EQ(options.command, Command::run);
  EXPECT_FALSE(options.target);
  EXPECT_EQ(options.plan.connections, 1U);
  EXPECT_EQ(options.plan.depth, 1U);
  EXPECT_EQ(options.plan.rate, 0);
  EXPECT_EQ(options.plan.duration, std::chrono::seconds(10));
  EXPECT_EQ(options.plan.warmup, std::chrono::seconds(1));
  EXPECT_EQ(options.data, "int:-1000000..1000000");
  EXPECT_EQ(options.check, "handler");
}

TEST(BenchOptions, WordsAreACommandOrATarget) {
  EXPECT_EQ(parsed({"run"}).command, Command::run);
  EXPECT_EQ(parsed({"run", "127.0.0.1:80"}).target, "127.0.0.1:80");
  EXPECT_EQ(parsed({"unix:/x"}).target, "unix:/x");
  EXPECT_EQ(parsed({"--help"}).command, Command::help);
  EXPECT_EQ(refusal_of({"rum"}),
            "'rum' is neither a command (run, matrix, compare, report) nor an address (host:port "
            "or unix:/path)");
  EXPECT_EQ(refusal_of({":80", ":81"}), "unexpected argument ':81'");
  EXPECT_EQ(refusal_of({"run", ":80", ":81"}), "unexpected argument ':81'");
}

TEST(BenchOptions, TheLoadIsRead) {
  const BenchOptions options =
      parsed({"-c", "64", "-d", "16", "--think=0s..2s", "--duration=5s", "--warmup=300ms",
              "--timeout=1s", "--seed=9", "--data=int:0..9", "--check=none", "--requests=10k",
              "--chaos=reset:1%,slow-reader:5%"});
  EXPECT_EQ(options.plan.connections, 64U);
  EXPECT_EQ(options.plan.depth, 16U);
  EXPECT_EQ(options.plan.think_least.count(), 0);
  EXPECT_EQ(options.plan.think_most, std::chrono::seconds(2));
  EXPECT_EQ(options.plan.duration, std::chrono::seconds(5));
  EXPECT_EQ(options.plan.warmup, std::chrono::milliseconds(300));
  EXPECT_EQ(options.plan.timeout, std::chrono::seconds(1));
  EXPECT_EQ(options.plan.requests, 10'000U);
  EXPECT_EQ(options.plan.seed, 9U);
  EXPECT_EQ(options.plan.chaos.clients, (std::array<std::uint64_t, 5>{3, 0, 1, 0, 0}));
  const LoadPlan open = parsed({"-R", "2k", "--arrivals=poisson"}).plan;
  EXPECT_EQ(open.rate, 2000);
  EXPECT_TRUE(open.poisson);
  const LoadPlan ramp = parsed({"--ramp=100..10000/30s"}).plan;
  EXPECT_EQ(ramp.ramp->from, 100U);
  EXPECT_EQ(ramp.ramp->to, 10'000U);
  EXPECT_EQ(ramp.duration, std::chrono::seconds(30));
  EXPECT_EQ(parsed({"--idle=5k"}).plan.connections, 0U);
  EXPECT_EQ(parsed({"--idle=5k", "-c2"}).plan.connections, 2U);
}

TEST(BenchOptions, SoManyMessagesAndNoMoreAreWhatTheUserSees) {
  const LoadPlan plan = parsed({"--requests=5"}).plan;
  EXPECT_EQ(plan.duration, unlimited_time);
  EXPECT_EQ(plan.warmup.count(), 0);
}

TEST(BenchOptions, MistakesAreExplained) {
  const std::pair<Arguments, const char*> cases[] = {
      {{"-c", "0"}, "--connections='0' is not a count from 1 to 1000000"},
      {{"-c", "1,2"}, "--connections='1,2' is not a count from 1 to 1000000"},
      {{"--think=2s..1s"}, "--think='2s..1s' is not a duration, or two such as 0s..2s"},
      {{"-R", "x"}, "--rate='x' is not a count from 1 to 10000000"},
      {{"--ramp=10..5/1s"},
       "--ramp='10..5/1s' is not two counts and a time such as 100..10000/30s"},
      {{"--arrivals=poison", "-R1"},
       "--arrivals='poison' is not one of constant, poisson; did you mean 'poisson'?"},
      {{"--arrivals=poisson"}, "--arrivals is for an open loop; give its rate by -R"},
      {{"-R1", "--think=1s"},
       "--rate and --think contradict each other: an open loop sends when it is time, whatever its "
       "clients think"},
      {{"--chaos=resett:1%"},
       "--chaos: 'resett' is none of slow-reader, one-byte, reset, half-close, never-send; did you "
       "mean 'reset'?"},
      {{"--chaos=reset:1"},
       "--chaos: 'reset:1' needs a share of the connections from 1% to 100%, as in reset:5%"},
      {{"--check=hope"}, "--check='hope' is not handler, regex:PATTERN or none"},
      {{"--find-rate=rate<5"}, "--find-rate needs a condition on a time, as in 'p99<5ms'"},
      {{"--find-rate=p99>5ms"}, "--find-rate needs an upper bound, as in 'p99<5ms'"},
      {{"--duration=0s"}, "--duration='0s' is not a duration such as 500ms, 30s or 5m"},
      {{"-c", "-1"}, "--connections='-1' is not a count from 1 to 1000000"},
      {{"-c5", "--ramp=1..5/1s"},
       "--connections and --ramp contradict each other: a ramp says how many there are"},
      {{"--idle=5", "--one-shot"},
       "--one-shot and --idle contradict each other: one-shot clients hold no connections"},
      {{"--idle=5", "-R100"},
       "--rate needs clients that send: with --idle, say by -c how many there are"},
      {{"--idle=5", "--requests=5"},
       "--requests needs clients that send: with --idle, say by -c how many there are"},
      {{"127.0.0.1:80", "-b", "select"},
       "--backend is of a server that bench starts itself; 127.0.0.1:80 has its own"},
      {{"--server-pid=5"},
       "--server-pid belongs to a TARGET; of a server that it starts itself bench knows it"},
      {{"--fail-if=p50>1s", "--fail-if=p99>1s"},
       "--fail-if can be given once; measure once, and look into --json=FILE"},
      {{"--conections=3"}, "unknown flag --conections; did you mean --connections?"},
  };
  for (const auto& [arguments, message] : cases) EXPECT_EQ(refusal_of(arguments), message);
}

TEST(BenchOptions, AMatrixTakesLists) {
  const BenchOptions options = parsed({"matrix", "--handlers=a,b", "--backends=select,proactor",
                                       "--connections=1,64,1k", "--depth=1,16", "--repeats=7"});
  EXPECT_EQ(options.command, Command::bench_matrix);
  EXPECT_EQ(options.handlers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.backends, (std::vector<std::string>{"select", "proactor"}));
  EXPECT_EQ(options.many_connections, (std::vector<std::uint64_t>{1, 64, 1000}));
  EXPECT_EQ(options.depths, (std::vector<std::uint64_t>{1, 16}));
  EXPECT_EQ(options.repeats, 7U);
  EXPECT_EQ(options.plan.duration, std::chrono::seconds(2));
  EXPECT_EQ(refusal_of({"matrix", "--connections=1,x"}),
            "--connections='x' is not a count from 1 to 1000000");
  EXPECT_EQ(refusal_of({"matrix", "--connections=,"}),
            "--connections=',' is not a list of counts such as 1,64");
  EXPECT_EQ(refusal_of({"matrix", "127.0.0.1:1"}), "unexpected argument '127.0.0.1:1'");
  EXPECT_EQ(refusal_of({"matrix", "--handler=a", "--handlers=b"}),
            "--handler and --handlers exclude each other");
  EXPECT_EQ(refusal_of({"matrix", "-R", "10"}),
            "--rate means nothing to 'asyncd bench matrix'; it is for run");
  EXPECT_EQ(refusal_of({"--repeats=3"}),
            "--repeats means nothing to 'asyncd bench run'; it is for matrix");
}

TEST(BenchOptions, CompareAndReportTakeFiles) {
  EXPECT_EQ(parsed({"compare", "a.json", "b.json"}).files,
            (std::vector<std::string>{"a.json", "b.json"}));
  const BenchOptions report = parsed({"report", "a.json", "-o", "page.html", "--svg=-"});
  EXPECT_EQ(report.html_file, "page.html");
  EXPECT_EQ(parsed({"report", "a.json", "-o", "-"}).html_file, "-");
  EXPECT_EQ(report.svg_file, "-");
  EXPECT_EQ(refusal_of({"compare", "a.json"}),
            "compare needs two results: asyncd bench compare A.json B.json");
  EXPECT_EQ(refusal_of({"report"}),
            "report needs a result: asyncd bench report FILE -o report.html");
  EXPECT_EQ(refusal_of({"report", "a.json"}),
            "report needs to know where to: -o report.html, or --svg=FILE");
}

}  // namespace
