#include "cmd/bench/bench.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

#include "backends/registry.h"
#include "cmd/bench/drive/load.h"
#include "cmd/bench/drive/target.h"
#include "cmd/bench/run_observer.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/library_trial.h"
#include "cmd/process/build_info.h"
#include "cmd/process/control.h"
#include "core/config/print.h"
#include "core/security/sha256.h"
#include "core/text/escape.h"

namespace asyncd::bench {

namespace {

constexpr std::uint64_t connections_by_default = 10'000;  // of a server

bool sets(const std::vector<std::string>& assignments, std::string_view key) {
  return std::any_of(assignments.begin(), assignments.end(), [&](const std::string& given) {
    return given.starts_with(std::string(key) + "=");
  });
}

Build this_build() {
  const std::string type(build_info::build_type), sanitizers(build_info::sanitizers);
  return {.version = std::string(build_info::version),
          .commit = std::string(build_info::commit),
          .type = type,
          .compiler = std::string(build_info::compiler),
          .sanitizers = sanitizers,
          .optimised = sanitizers.empty() &&
                       (type == "Release" || type == "RelWithDebInfo" || type == "MinSizeRel"),
          .checks_handlers = checks_handlers()};
}

bool needs_more_connections(const LoadPlan& plan) {
  return plan.most_connections() * 2 > connections_by_default;
}

// The last core for the client, which has one thread; the others for the server.
Cores server_share(const Cores& all) {
  return all.size() > 1 ? Cores(all.begin(), all.end() - 1) : all;
}
Cores client_share(const Cores& all) { return all.size() > 1 ? Cores{all.back()} : all; }

}  // namespace

Result<std::unique_ptr<Bench>> Bench::prepare(const BenchOptions& options, Progress& progress) {
  std::unique_ptr<Bench> bench(new Bench(options, progress));
  bench->all_cores_ = own_cores();
  raise_descriptor_limit();
  if (const Result<void> loaded = bench->load(); !loaded) return loaded.error();
  if (const Result<void> made = bench->make_tape(); !made) return made.error();
  return bench;
}

Bench::~Bench() {
  if (!all_cores_.empty()) move_to(all_cores_);
}

Result<void> Bench::load() {
  Sources sources = options_.sources;
  const bool checks = options_.check == "handler";
  sources.needs_handler = checks || !options_.target;
  if (checks && options_.target && !sources.handler && !sources.config_file)
    return Error{ExitCode::usage,
                 "to check the replies, bench needs the handler that the server has: add "
                 "--handler=NAME; or say "
                 "--check=none, or --check=regex:PATTERN"};
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) return loaded.error();
  if (loaded->present.once && !options_.target)
    return Error{ExitCode::usage,
                 "the server that bench starts reads the configuration, too, and " +
                     text::shown(loaded->file) + " can be read only once: give it a file"};
  config_ = loaded->config;
  if (config_.listeners.size() > 1)
    return Error{ExitCode::usage,
                 "the configuration has " + std::to_string(config_.listeners.size()) +
                     " listeners, and bench measures one: give it a file with that one, or "
                     "--no-config and --handler=NAME"};
  config_hash_ = sha256(to_toml(*loaded, false));
  listener_ = config_.listeners.front();
  std::optional<std::regex> pattern;
  if (options_.check.starts_with("regex:")) {
    try {
      pattern.emplace(options_.check.substr(6));
    } catch (const std::regex_error& failure) {
      return Error{ExitCode::usage, "--check: '" + text::printable(options_.check.substr(6)) +
                                        "' is not a regular expression: " + failure.what()};
    }
  }
  const Loader loader(config_, sources.environment, warn, library_trial(config_));
  reference_.emplace(listener_.framing);
  if (checks) {
    Result<Reference> reference = Reference::load(listener_, config_, loader);
    if (!reference) return reference.error();
    reference_ = std::move(*reference);
  }
  const ReplyChecker::Check unless_taped =
      pattern ? ReplyChecker::Check::regex : ReplyChecker::Check::none;
  checker_.emplace(listener_.framing, checks ? ReplyChecker::Check::tape : unless_taped,
                   std::move(pattern));
  return {};
}

Result<void> Bench::make_tape() {
  const std::uint64_t deepest = options_.plan.depth;
  const bool merges = traits_of(listener_.framing.kind).merges ||
                      (!checker_->can_cut() && options_.check != "handler");
  if (deepest > 1 && merges)
    return Error{ExitCode::usage,
                 "--depth=" + std::to_string(deepest) +
                     " needs a framing that keeps messages apart; " + "with framing " +
                     std::string(name_of(listener_.framing.kind)) + " it must be 1"};
  Result<Data> data = Data::parse(options_.data);
  if (!data) return data.error();
  Random random(options_.plan.seed);
  Result<Recording> recording = reference_->record(*data, random, deepest);
  if (!recording) return recording.error();
  recording_ = std::move(*recording);
  return {};
}

// What the user has said of the server, and what this load needs of it.
std::vector<std::string> Bench::server_arguments(const LoadPlan& plan,
                                                 const std::string& backend) const {
  const Sources& sources = options_.sources;
  std::vector<std::string> words{"run", "--backend=" + backend, "--handler=" + listener_.handler};
  if (sources.config_file) words.push_back("--config=" + *sources.config_file);
  if (!sources.find_config) words.push_back("--no-config");
  if (sources.framing) words.push_back("--framing=" + *sources.framing);
  for (const std::string& path : sources.handler_path) words.push_back("--handler-path=" + path);
  const auto set = [&](std::string_view key, const std::string& value) {
    if (sets(sources.assignments, key)) return;
    words.push_back("-o");
    words.push_back(std::string(key) + "=" + value);
  };
  for (const std::string& assignment : sources.assignments) {
    words.push_back("-o");
    words.push_back(assignment);
  }
  if (plan.idle != 0) {
    set("limits.first_byte_timeout", "unlimited");
    set("limits.idle_timeout", "unlimited");
  }
  if (needs_more_connections(plan))
    set("limits.max_connections", std::to_string(plan.most_connections() * 2));
  return words;
}

// How many it has at a time, of those that may be there.
std::uint64_t Bench::served_at_once(const LoadPlan& plan, const std::string& backend) const {
  const bool raised =
      needs_more_connections(plan) && !sets(options_.sources.assignments, "limits.max_connections");
  const std::uint64_t allowed = raised ? unlimited_count : listener_.limits.max_connections;
  return std::min(allowed,
                  find_backend(backend)->make(config_.backends.at(backend))->serves_at_once());
}

Outcome Bench::describe(const LoadPlan& plan, const std::string& backend) const {
  Outcome outcome;
  outcome.plan = plan;
  outcome.time = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  outcome.backend = options_.target ? "" : backend;
  outcome.handler = listener_.handler;
  outcome.framing = name_of(listener_.framing.kind);
  outcome.data = options_.data;
  outcome.check = options_.check;
  outcome.config_hash = config_hash_;
  outcome.own_server = !options_.target;
  outcome.refused = recording_.refused;
  outcome.silent = recording_.silent;
  outcome.refusal = recording_.refusal;
  outcome.build = this_build();
  outcome.environment = machine_facts();
  for (const std::optional<Condition>& condition : {options_.find_rate, options_.fail_if})
    if (condition && condition->subject == Condition::Subject::percentile)
      outcome.quoted.push_back(condition->percent);
  std::sort(outcome.quoted.begin(), outcome.quoted.end());
  outcome.quoted.erase(std::unique(outcome.quoted.begin(), outcome.quoted.end()),
                       outcome.quoted.end());
  return outcome;
}

Result<Outcome> Bench::measure(const LoadPlan& plan, const std::string& backend,
                               const std::string& title) {
  Outcome outcome = describe(plan, backend);
  std::unique_ptr<ServerProcess> child;
  if (!options_.target) {
    if (!all_cores_.empty()) move_to(server_share(all_cores_));
    Result<std::unique_ptr<ServerProcess>> started =
        ServerProcess::start(server_arguments(plan, backend));
    if (!all_cores_.empty()) move_to(client_share(all_cores_));
    if (!started) return started.error();
    child = std::move(*started);
    outcome.served_at_once = served_at_once(plan, backend);
  }
  outcome.address = child ? child->address() : *options_.target;
  const Result<ResolvedTarget> target = ResolvedTarget::find(outcome.address);
  if (!target) return target.error();
  outcome.loopback = target->local;
  outcome.server_process = child ? child->process() : options_.server_pid;
  if (outcome.server_process == 0 && target->local && target->port != 0)
    outcome.server_process = find_listener(peer_of(target->endpoint));
  RunObserver observer(progress_, outcome.server_process, child.get());
  outcome.client_cores = own_cores();
  if (outcome.server_process != 0) outcome.server_cores = cores_of(outcome.server_process);
  progress_.begin(title, plan.duration);
  {
    Load load(plan, target->endpoint, recording_.tape, *checker_, observer);
    Result<Measured> measured = load.run();
    if (!measured) return measured.error();
    outcome.measured = std::move(*measured);
  }
  progress_.end();
  interrupted_ = interrupted_ || observer.ended();
  observer.tell(outcome);
  if (child && !child->listen())
    return Error{ExitCode::failure,
                 "the server has ended while it was measured; it says:\n" + child->said()};
  outcome.verdict = assess(outcome);
  return outcome;
}

}  // namespace asyncd::bench
