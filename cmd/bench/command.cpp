// asyncd bench: from its command line to its exit code.

#include "cmd/bench/command.h"
#include "cmd/bench/find_rate.h"
#include "cmd/bench/measure_matrix.h"
#include "cmd/bench/show/matrix_output.h"
#include "cmd/bench/show/output.h"
#include "cmd/bench/show/report.h"
#include "cmd/bench/show/result_file.h"
#include "cmd/cli/report.h"
#include "cmd/process/control.h"
#include "core/system/standard_streams.h"

namespace asyncd::bench {

namespace {

void write_progress(const std::string& text) { print_error(text); }

ProgressForm form_of(const BenchOptions& options) {
  switch (options.progress) {
    case ProgressKind::automatic:
      return stderr_draws(options.sources) ? ProgressForm::block : ProgressForm::lines;
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
  return options.target ? *options.target
                        : options.sources.handler.value_or("server") + " on " + bench.backend();
}

// What is measured goes to: the table to standard output unless something else does, and the files.
class Outputs {
 public:
  explicit Outputs(const BenchOptions& options)
      : prints_(options.json_file != "-" && options.csv_file != "-"),
        json_(options.json_file),
        csv_(options.csv_file) {}

  Result<void> open() {
    if (prints_)
      if (Result<void> can_print = check_output(); !can_print) return can_print;
    const Result<void> opened = json_.open();
    return opened ? csv_.open() : opened;
  }
  Result<void> write(const std::string& table, const std::string& json, const std::string& csv) {
    if (prints_) print(table);
    if (Result<void> written = json_.write(json); !written) return written;
    if (Result<void> written = csv_.write(csv); !written) return written;
    return flush_output();
  }

 private:
  const bool prints_;
  ResultFile json_, csv_;
};

Result<void> write_result(const std::string& name, const std::string& content) {
  ResultFile file(name);
  const Result<void> opened = file.open();
  return opened ? file.write(content) : opened;
}

int to_exit_code(const Verdict& verdict, std::uint64_t failed) {
  if (verdict.level == Validity::invalid) return static_cast<int>(ExitCode::bench_invalid);
  return failed == 0 ? 0 : static_cast<int>(ExitCode::failure);
}

int run_matrix(const BenchOptions& options) {
  Progress progress(form_of(options), write_progress);
  Outputs outputs(options);
  if (const Result<void> opened = outputs.open(); !opened) return complain(opened.error());
  const Result<Matrix> matrix = measure_matrix(options, progress);
  if (!matrix) return complain(matrix.error());
  const Result<void> written =
      outputs.write(matrix_table(*matrix), matrix_json(*matrix), matrix_csv(*matrix));
  if (!written) return complain(written.error());
  return to_exit_code(matrix->verdict, matrix->failed());
}

int compare(const BenchOptions& options) {
  const Result<Results> one = read_results(options.files[0]);
  if (!one) return complain(one.error());
  const Result<Results> other = read_results(options.files[1]);
  if (!other) return complain(other.error());
  const Result<std::string> text = compare_results(*one, *other);
  if (!text) return complain(text.error());
  print(*text);
  return 0;
}

int report(const BenchOptions& options) {
  std::vector<Results> all;
  for (const std::string& file : options.files) {
    Result<Results> results = read_results(file);
    if (!results) return complain(results.error());
    all.push_back(std::move(*results));
  }
  if (const Result<void> written = write_result(options.html_file, report_page(all)); !written)
    return complain(written.error());
  if (const Result<void> written = write_result(options.svg_file, report_drawing(all)); !written)
    return complain(written.error());
  return 0;
}

int run(const BenchOptions& options) {
  Progress progress(form_of(options), write_progress);
  const Result<std::unique_ptr<Bench>> bench = Bench::prepare(options, progress);
  if (!bench) return complain(bench.error());
  Outputs outputs(options);
  if (const Result<void> opened = outputs.open(); !opened) return complain(opened.error());
  hold_requests();
  const Result<Outcome> outcome =
      options.find_rate
          ? find_rate(**bench, options, progress)
          : (*bench)->measure(options.plan, (*bench)->backend(), title_of(options, **bench));
  if (!outcome) return complain(outcome.error());
  const Result<void> written =
      outputs.write(to_table(*outcome), to_json(*outcome), to_csv(*outcome));
  if (!written) return complain(written.error());
  const bool invalid = outcome->verdict.level == Validity::invalid;
  if (!invalid && options.fail_if && options.fail_if->holds(outcome->measured)) {
    return complain({ExitCode::bench_threshold,
                     "the threshold is missed: --fail-if='" + options.fail_if->text + "' holds"});
  }
  return to_exit_code(outcome->verdict, outcome->measured.counts.failed());
}

}  // namespace

}  // namespace asyncd::bench

namespace asyncd {

int bench_command(const Options& options) {
  std::vector<const char*> arguments;  // behind the word bench
  for (std::size_t i = 1; i < options.arguments.size(); ++i)
    arguments.push_back(options.arguments[i].c_str());
  Result<bench::BenchOptions> parsed = bench::parse_bench_options(arguments);
  if (!parsed) return complain(parsed.error());
  parsed->sources.environment = options.sources.environment;
  parsed->sources.environment_names = options.sources.environment_names;
  if (parsed->command == Command::bench_matrix) return bench::run_matrix(*parsed);
  if (parsed->command == Command::bench_compare) return bench::compare(*parsed);
  if (parsed->command == Command::bench_report) return bench::report(*parsed);
  if (parsed->command != Command::help) return bench::run(*parsed);
  print(bench::bench_help(parsed->help_for));
  return 0;
}

}  // namespace asyncd
