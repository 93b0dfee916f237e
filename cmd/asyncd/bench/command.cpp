// asyncd bench: from its command line to its exit code.
#include <fmt/core.h>

#include <cstdio>
#include <fstream>

#include "cmd/asyncd/bench/bench.h"
#include "cmd/asyncd/bench/matrix.h"
#include "cmd/asyncd/bench/output.h"
#include "cmd/asyncd/bench/report.h"
#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/control.h"
#include "core/base/path_text.h"
#include "core/base/text.h"

namespace asyncd::bench {

namespace {

void write_progress(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

ProgressForm form_of(const BenchOptions& options) {
  switch (options.progress) {
    case ProgressKind::automatic: {
      const auto terminal = options.sources.environment("TERM");
      return stderr_is_terminal() && (!terminal || *terminal != "dumb") ? ProgressForm::block : ProgressForm::lines;
    }
    case ProgressKind::plain:
      return ProgressForm::lines;
    case ProgressKind::json:
      return ProgressForm::json;
    case ProgressKind::none:
      break;
  }
  return ProgressForm::none;
}

std::string title_of(const BenchOptions& options, const Bench& bench) {
  return options.target ? *options.target : options.sources.handler.value_or("server") + " on " + bench.backend();
}

Result<void> write_files(const BenchOptions& options, const std::string& json, const std::string& csv) {
  if (!options.json_file.empty())
    if (Result<void> written = write_result(options.json_file, json); !written) return written;
  if (!options.csv_file.empty())
    if (Result<void> written = write_result(options.csv_file, csv); !written) return written;
  return {};
}

int to_exit_code(const Verdict& verdict) {
  return verdict.level == Trustworthiness::invalid ? static_cast<int>(ExitCode::bench_invalid) : 0;
}

int run_matrix(const BenchOptions& options) {
  Progress progress(form_of(options), write_progress);
  const Result<Matrix> matrix = measure_matrix(options, progress);
  if (!matrix) return complain(matrix.error());
  if (options.json_file != "-" && options.csv_file != "-") fmt::print("{}", matrix_table(*matrix));
  if (const Result<void> written = write_files(options, matrix_json(*matrix), matrix_csv(*matrix)); !written)
    return complain(written.error());
  return to_exit_code(matrix->verdict);
}

int compare(const BenchOptions& options) {
  const Result<Results> one = read_results(options.files[0]);
  if (!one) return complain(one.error());
  const Result<Results> other = read_results(options.files[1]);
  if (!other) return complain(other.error());
  const Result<std::string> text = compare_results(*one, *other);
  if (!text) return complain(text.error());
  fmt::print("{}", *text);
  return 0;
}

int report(const BenchOptions& options) {
  std::vector<Results> all;
  for (const std::string& file : options.files) {
    Result<Results> results = read_results(file);
    if (!results) return complain(results.error());
    all.push_back(std::move(*results));
  }
  if (!options.html_file.empty())
    if (Result<void> written = write_result(options.html_file, report_page(all)); !written)
      return complain(written.error());
  if (!options.svg_file.empty())
    if (Result<void> written = write_result(options.svg_file, report_drawing(all)); !written)
      return complain(written.error());
  return 0;
}

int run(const BenchOptions& options) {
  Progress progress(form_of(options), write_progress);
  const Result<std::unique_ptr<Bench>> bench = Bench::prepare(options, progress);
  if (!bench) return complain(bench.error());
  hold_requests();
  const Result<Outcome> outcome =
      options.find_rate ? (*bench)->find_rate()
                        : (*bench)->measure(options.plan, (*bench)->backend(), title_of(options, **bench));
  if (!outcome) return complain(outcome.error());
  if (options.json_file != "-" && options.csv_file != "-") fmt::print("{}", to_table(*outcome));
  if (const Result<void> written = write_files(options, to_json(*outcome), to_csv(*outcome)); !written)
    return complain(written.error());
  if (outcome->verdict.level == Trustworthiness::invalid) return static_cast<int>(ExitCode::bench_invalid);
  if (options.fail_if && options.fail_if->holds(outcome->measured)) {
    return complain(
        {ExitCode::bench_threshold, "the threshold is missed: --fail-if='" + options.fail_if->text + "' holds"});
  }
  return outcome->measured.counts.failed() == 0 ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace

Result<void> write_result(const std::string& file, const std::string& content) {
  if (file == "-") {
    if (std::fwrite(content.data(), 1, content.size(), stdout) == content.size()) return {};
    return Error{ExitCode::failure, "cannot write to standard output"};
  }
  std::ofstream out(path_of(file), std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (out) return {};
  return Error{ExitCode::cannot_create, "cannot write the result to '" + text::printable(file) + "'"};
}

}  // namespace asyncd::bench

namespace asyncd {

int bench_command(const Options& options) {
  std::vector<const char*> arguments;  // behind the word bench
  for (std::size_t i = 1; i < options.arguments.size(); ++i) arguments.push_back(options.arguments[i].c_str());
  Result<bench::BenchOptions> parsed = bench::parse_bench_options(arguments);
  if (!parsed) return complain(parsed.error());
  parsed->sources.environment = options.sources.environment;
  parsed->sources.environment_names = options.sources.environment_names;
  if (parsed->command == Command::bench_matrix) return bench::run_matrix(*parsed);
  if (parsed->command == Command::bench_compare) return bench::compare(*parsed);
  if (parsed->command == Command::bench_report) return bench::report(*parsed);
  if (parsed->command != Command::help) return bench::run(*parsed);
  fmt::print("{}", bench::bench_help());
  return 0;
}

}  // namespace asyncd
