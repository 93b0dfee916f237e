// asyncd handler check FILE: has a process of its own examine the library, and tells what becomes
// of both.
#include <fmt/core.h>

#include <random>

#include "cmd/cli/json.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/commands.h"
#include "cmd/handler_check/examination.h"
#include "cmd/process/child_process.h"
#include "core/system/standard_streams.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

constexpr Duration step_patience = std::chrono::seconds(10);  // for each step

// What the user reads, while it happens; or at the end, where a program reads it.
class Printout {
 public:
  explicit Printout(const Options& options) : options_(options) {}

  void add(const Finding& finding) {
    if (!finding.passed) failed_ += (failed_.empty() ? "" : ", ") + finding.point;
    if (options_.json) {
      rows_.push_back({{"handler", or_null(finding.handler)},
                       {"point", finding.point},
                       {"ok", finding.passed},
                       {"text", finding.text}});
      return;
    }
    if (finding.handler != handler_) print(fmt::format("handler {}\n", handler_ = finding.handler));
    const char* const outcome = finding.passed ? "ok" : "FAILED";
    print(fmt::format("{}{:<20}{}{}{}\n", finding.handler.empty() ? "" : "  ", finding.point,
                      outcome, finding.text.empty() ? "" : ": ", finding.text));
    static_cast<void>(flush_output());
  }

  bool passed() const { return failed_.empty(); }

  void end(std::uint64_t seed) const {
    if (options_.json)
      print(json_text(
          {{"ok", passed()}, {"file", options_.library}, {"seed", seed}, {"points", rows_}}));
    else
      print(fmt::format("{}: {}\n", text::shown(options_.library, 4096),
                        passed() ? "passed" : "failed: " + failed_ + once_more(seed)));
  }

 private:
  // Chance has no part in what fails before a handler is made.
  std::string once_more(std::uint64_t seed) const {
    return handler_.empty() ? "" : fmt::format("; once more the same: --seed={}", seed);
  }

  const Options& options_;
  std::string handler_;
  std::string failed_;
  Json rows_ = Json::array();
};

// How the child ended, if that was not as it should.
std::optional<std::string> follow(ChildProcess& child, FindingsReader& findings, Printout& report) {
  std::string bytes;
  for (;;) {
    bytes.clear();
    const ChildProcess::Reading reading = child.read(bytes, step_patience);
    for (const Finding& finding : findings.read(bytes)) report.add(finding);
    if (reading == ChildProcess::Reading::end) return child.wait(step_patience);
    if (reading == ChildProcess::Reading::late)
      return "nothing has happened for " + text::format_duration(step_patience) +
             ", so it was ended";
  }
}

// The child's part.
int examine(const Options& options) {
  std::FILE* const out = enter_child();
  if (out == nullptr) return static_cast<int>(ExitCode::failure);
  FindingsWriter findings(out);
  Sources sources = options.sources;
  sources.needs_handler = false;
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) complain(loaded.error());
  findings.end(loaded
                   ? Examination(findings, loaded->config, *options.seed).examine(options.library)
                   : loaded.error().code);
  return 0;
}

}  // namespace

int check_handler_command(const Options& options) {
  if (options.examines) return examine(options);
  const std::uint64_t seed = options.seed.value_or(std::random_device{}());
  std::vector<std::string> arguments{"--examine", "--seed=" + std::to_string(seed)};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  Result<ChildProcess> child = ChildProcess::start(arguments);
  if (!child) return complain(child.error());
  FindingsReader findings;
  Printout report(options);
  const std::optional<std::string> end = follow(*child, findings, report);
  if (end || !findings.exit_code())
    report.add(findings.interrupted(end.value_or("the process ended by itself")));
  const int code = findings.exit_code().value_or(0);
  // else its configuration is wrong, and it has said so
  const bool examined = code == 0 || !report.passed();
  if (examined) report.end(seed);
  return code != 0 || report.passed() ? code : static_cast<int>(ExitCode::handler_rejected);
}

}  // namespace asyncd
