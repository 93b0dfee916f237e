#include "cmd/bench/options.h"

#include <algorithm>

#include "cmd/bench/exchange/data.h"
#include "cmd/bench/flags.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd::bench {

namespace {

constexpr std::uint64_t most_connections = 1'000'000;
constexpr std::uint64_t most_depth = 1024;

// Reads the values of flags and keeps the first mistake, so that the code below reads as a list.
class Reader {
 public:
  explicit Reader(const CommandLine& line) : line_(line) {}

  void refuse(std::string_view flag, std::string_view value, std::string_view expected) {
    if (!error_)
      error_ = line_.usage_error(std::string(flag) + "='" + shown_argument(value) + "' is not " +
                                 std::string(expected));
  }
  void refuse(const std::string& what) {
    if (!error_) error_ = line_.usage_error(what);
  }

  bool count(std::string_view flag, std::uint64_t least, std::uint64_t most, std::uint64_t& to) {
    const auto value = line_.last_value(flag);
    if (!value) return false;
    const auto number = text::parse_count(*value);
    if (!number || *number < least || *number > most)
      refuse(dashed(flag), *value,
             "a count from " + std::to_string(least) + " to " + std::to_string(most));
    else
      to = *number;
    return true;
  }

  bool duration(std::string_view flag, bool positive, Duration& to) {
    const auto value = line_.last_value(flag);
    if (!value) return false;
    const auto time = text::parse_duration(*value);
    if (!time || (positive && time->count() == 0))
      refuse(dashed(flag), *value, "a duration such as 500ms, 30s or 5m");
    else
      to = *time;
    return true;
  }

  template <class Parsed>
  void take(Result<Parsed> parsed, std::optional<Parsed>& to) {
    if (parsed)
      to = std::move(*parsed);
    else
      refuse(parsed.error().message);
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  static std::string dashed(std::string_view flag) { return "--" + std::string(flag); }

  const CommandLine& line_;
  std::optional<Error> error_;
};

void take_think(const CommandLine& line, Reader& reader, LoadPlan& plan) {
  const auto value = line.last_value("think");
  if (!value) return;
  const std::size_t dots = value->find("..");
  const auto least = text::parse_duration(value->substr(0, dots));
  const auto most =
      dots == std::string::npos ? least : text::parse_duration(value->substr(dots + 2));
  if (!least || !most || *least > *most)
    return reader.refuse("--think", *value, "a duration, or two such as 0s..2s");
  plan.think_least = *least;
  plan.think_most = *most;
}

void take_ramp(const CommandLine& line, Reader& reader, LoadPlan& plan) {
  const auto value = line.last_value("ramp");
  if (!value) return;
  const std::size_t dots = std::min(value->find(".."), value->size());
  const std::size_t slash = std::min(value->find('/', dots), value->size());
  const auto from = text::parse_count(std::string_view(*value).substr(0, dots));
  const auto to = text::parse_count(
      dots < slash ? std::string_view(*value).substr(dots + 2, slash - dots - 2) : "");
  const auto over =
      text::parse_duration(slash < value->size() ? std::string_view(*value).substr(slash + 1) : "");
  if (!from || !to || !over || *from == 0 || *to < *from || *to > most_connections ||
      over->count() == 0)
    return reader.refuse("--ramp", *value, "two counts and a time such as 100..10000/30s");
  plan.ramp = Ramp{*from, *to, *over};
}

void take_choice(const CommandLine& line, Reader& reader, std::string_view flag,
                 std::span<const std::string_view> words, std::size_t& to) {
  const auto value = line.last_value(flag);
  if (!value) return;
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found == words.end())
    return reader.refuse("--" + std::string(flag), *value,
                         "one of " + text::join(words, ", ") + text::suggestion(*value, words));
  to = static_cast<std::size_t>(found - words.begin());
}

void take_load(const CommandLine& line, Reader& reader, BenchOptions& options) {
  LoadPlan& plan = options.plan;
  if (options.command == Command::run) {
    reader.count("connections", 1, most_connections, plan.connections);
    reader.count("depth", 1, most_depth, plan.depth);
  }
  take_think(line, reader, plan);
  std::uint64_t rate = 0;
  if (reader.count("rate", 1, 10'000'000, rate)) plan.rate = static_cast<double>(rate);
  constexpr std::string_view arrivals[] = {"constant", "poisson"};
  std::size_t arrival = 0;
  take_choice(line, reader, "arrivals", arrivals, arrival);
  plan.poisson = arrival == 1;
  plan.one_shot = line.has("one-shot");
  // Silent connections alone: no others are made unless they are asked for.
  if (reader.count("idle", 1, most_connections, plan.idle) && !line.has("connections"))
    plan.connections = 0;
  take_ramp(line, reader, plan);
  options.duration_given = reader.duration("duration", true, plan.duration);
  reader.count("requests", 1, UINT64_MAX / 2, plan.requests);
  options.warmup_given = reader.duration("warmup", false, plan.warmup);
  reader.duration("timeout", true, plan.timeout);
  reader.count("seed", 0, UINT64_MAX / 2, plan.seed);
  if (const auto chaos = line.last_value("chaos")) {
    std::optional<ChaosPlan> parsed;
    reader.take(parse_chaos(*chaos, plan.connections), parsed);
    plan.chaos = parsed.value_or(ChaosPlan{});
  }
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> words;
  for (;;) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma != 0) words.emplace_back(list.substr(0, comma));
    if (comma == list.size()) return words;
    list.remove_prefix(comma + 1);
  }
}

void take_counts(const CommandLine& line, Reader& reader, std::string_view flag, std::uint64_t most,
                 std::vector<std::uint64_t>& to) {
  const auto list = line.last_value(flag);
  if (!list) return;
  to.clear();
  for (const std::string& word : split(*list)) {
    const auto number = text::parse_count(word);
    if (!number || *number < 1 || *number > most)
      return reader.refuse("--" + std::string(flag), word,
                           "a count from 1 to " + std::to_string(most));
    to.push_back(*number);
  }
  if (to.empty()) reader.refuse("--" + std::string(flag), *list, "a list of counts such as 1,64");
}

void take_matrix(const CommandLine& line, Reader& reader, BenchOptions& options) {
  take_counts(line, reader, "connections", most_connections, options.many_connections);
  take_counts(line, reader, "depth", most_depth, options.depths);
  reader.count("repeats", 1, 1000, options.repeats);
  if (const auto list = line.last_value("backends")) options.backends = split(*list);
  if (const auto list = line.last_value("handlers")) options.handlers = split(*list);
  if (options.backends.empty()) reader.refuse("--backends needs at least one");
  if (line.has("handler") && line.has("handlers"))
    reader.refuse("--handler and --handlers exclude each other");
}

// Of compare and report.
void take_files(const CommandLine& line, Reader& reader, BenchOptions& options) {
  if (options.command == Command::bench_compare && options.files.size() != 2)
    return reader.refuse("compare needs two results: asyncd bench compare A.json B.json");
  if (options.files.empty())
    return reader.refuse("report needs a result: asyncd bench report FILE -o report.html");
  if (options.command != Command::bench_report) return;
  if (line.has("o") && line.has("html"))
    return reader.refuse("-o and --html are the same; give one of them");
  options.html_file = line.last_value("o").value_or(line.last_value("html").value_or(""));
  options.svg_file = line.last_value("svg").value_or("");
  if (options.html_file.empty() && options.svg_file.empty())
    reader.refuse("report needs to know where to: -o report.html, or --svg=FILE");
}

void settle_times(BenchOptions& options) {
  LoadPlan& plan = options.plan;
  const Duration ramping = plan.ramp ? plan.ramp->over : Duration(0);
  if (!options.duration_given && plan.requests == 0)
    plan.duration = std::max<Duration>(
        std::chrono::seconds(options.command == Command::bench_matrix ? 2 : 10), ramping);
  // So many messages and no more are what the user wants to see.
  if (!options.warmup_given && plan.requests == 0 && !plan.ramp && plan.connections != 0)
    plan.warmup = std::min<Duration>(std::chrono::seconds(1), plan.duration / 10);
}

void check_target(const CommandLine& line, Reader& reader, const BenchOptions& options) {
  if (options.target && line.has("backend"))
    reader.refuse("--backend is of a server that bench starts itself; " +
                  shown_argument(*options.target) + " has its own");
  if (!options.target && line.has("server-pid"))
    reader.refuse(
        "--server-pid belongs to a TARGET; of a server that it starts itself bench knows it");
}

// With silent connections alone nothing is ever sent.
void check_silent(const CommandLine& line, Reader& reader, const LoadPlan& plan) {
  if (plan.connections != 0 || plan.ramp) return;
  for (const std::string_view flag : {"rate", "requests", "find-rate", "think", "chaos"})
    if (line.has(flag))
      reader.refuse("--" + std::string(flag) +
                    " needs clients that send: with --idle, say by -c how many there are");
}

// What cannot go together.
void check_together(const CommandLine& line, Reader& reader, const BenchOptions& options) {
  const LoadPlan& plan = options.plan;
  const auto exclude = [&](std::string_view one, std::string_view other, std::string_view why) {
    if (line.has(one) && line.has(other))
      reader.refuse("--" + std::string(one) + " and --" + std::string(other) +
                    " contradict each other: " + std::string(why));
  };
  exclude("rate", "think", "an open loop sends when it is time, whatever its clients think");
  exclude("rate", "find-rate", "the rate is what is searched");
  exclude("rate", "ramp",
          "a ramp is for a closed loop, which sends as fast as its connections let it");
  exclude("find-rate", "think", "the search is by open loops");
  exclude("find-rate", "ramp", "the search is at a fixed number of connections");
  exclude("find-rate", "requests", "the search measures by time; use --duration");
  exclude("connections", "ramp", "a ramp says how many there are");
  exclude("one-shot", "idle", "one-shot clients hold no connections");
  exclude("one-shot", "ramp", "one-shot clients hold no connections");
  exclude("one-shot", "depth", "a one-shot client sends one message");
  exclude("one-shot", "think",
          "one-shot clients that come now and then are an open loop: -R with --arrivals=poisson");
  if (line.count("fail-if") > 1)
    reader.refuse("--fail-if can be given once; measure once, and look into --json=FILE");
  check_target(line, reader, options);
  check_silent(line, reader, plan);
  if (options.json_file == "-" && options.csv_file == "-")
    reader.refuse("--json=- and --csv=- would mix on standard output; give one of them a file");
  if (line.has("arrivals") && plan.rate == 0 && !line.has("find-rate"))
    reader.refuse("--arrivals is for an open loop; give its rate by -R");
  if (options.find_rate && !options.find_rate->is_about_times())
    reader.refuse("--find-rate needs a condition on a time, as in 'p99<5ms'");
  if (options.find_rate && !options.find_rate->less)
    reader.refuse("--find-rate needs an upper bound, as in 'p99<5ms'");
  if (options.check != "handler" && options.check != "none" && !options.check.starts_with("regex:"))
    reader.refuse("--check", options.check, "handler, regex:PATTERN or none");
}

void take_target(const CommandLine& line, Reader& reader, BenchOptions& options) {
  std::vector<std::string> words = line.words();
  if (!words.empty()) {
    // An address has a colon, a command has none.
    const Result<Command> command = line.find_command(words[0]);
    if (command) {
      options.command = *command;
      words.erase(words.begin());
    } else if (words[0].find(':') == std::string::npos) {
      return reader.refuse(
          "'" + shown_argument(words[0]) +
          "' is neither a command (run, matrix, compare, report) nor an address (host:port or "
          "unix:/path)");
    }
  }
  if (options.command == Command::bench_compare || options.command == Command::bench_report) {
    options.files = words;
    return;
  }
  const std::size_t most = options.command == Command::run ? 1 : 0;
  if (words.size() > most)
    return reader.refuse("unexpected argument '" + shown_argument(words[most]) + "'");
  if (!words.empty()) options.target = words[0];
}

void take_sources(const CommandLine& line, Sources& sources) {
  sources.config_file = line.last_value("config");
  sources.find_config = !line.has("no-config");
  sources.assignments = line.values("o");
  sources.backend = line.last_value("backend");
  sources.handler = line.last_value("handler");
  sources.framing = line.last_value("framing");
  sources.handler_path = line.values("handler-path");
}

}  // namespace

Result<BenchOptions> parse_bench_options(std::span<const char* const> arguments) {
  CommandLine line(grammar(), arguments);
  if (Result<void> parsed = line.parse(); !parsed) return parsed.error();
  BenchOptions options;
  if (line.has("help")) {
    options.command = Command::help;
    if (const std::vector<std::string> words = line.words(); !words.empty())
      if (const Result<Command> command = line.find_command(words[0])) options.help_for = *command;
    return options;
  }
  Reader reader(line);
  take_target(line, reader, options);
  if (reader.error()) return *reader.error();
  if (Result<void> applies = line.check_applies(options.command); !applies) return applies.error();
  if (options.command == Command::bench_compare || options.command == Command::bench_report) {
    take_files(line, reader, options);
    if (reader.error()) return *reader.error();
    return options;
  }
  take_sources(line, options.sources);
  take_load(line, reader, options);
  if (options.command == Command::bench_matrix) take_matrix(line, reader, options);
  options.data = line.last_value("data").value_or(options.data);
  options.check = line.last_value("check").value_or(options.check);
  if (const auto text = line.last_value("find-rate"))
    reader.take(Condition::parse("--find-rate", *text), options.find_rate);
  if (const auto text = line.last_value("fail-if"))
    reader.take(Condition::parse("--fail-if", *text), options.fail_if);
  options.json_file = line.last_value("json").value_or("");
  options.csv_file = line.last_value("csv").value_or("");
  constexpr std::string_view kinds[] = {"auto", "plain", "json", "none"};
  std::size_t kind = 0;
  take_choice(line, reader, "progress", kinds, kind);
  options.progress = line.has("quiet") ? ProgressKind::none : static_cast<ProgressKind>(kind);
  reader.count("server-pid", 1, 1U << 30, options.server_pid);
  settle_times(options);
  check_together(line, reader, options);
  if (reader.error()) return *reader.error();
  return options;
}

std::string bench_help(std::optional<Command> command) {
  for (const Subcommand& row : grammar().commands)
    if (row.command == command) return help_of(grammar(), row);
  return "Usage: asyncd bench [run] [TARGET] [OPTION]...\nMeasure a server honestly, and say when "
         "the figures cannot "
         "be "
         "trusted.\n" +
         help_of(grammar()) + "\n" + std::string(examples());
}

}  // namespace asyncd::bench
