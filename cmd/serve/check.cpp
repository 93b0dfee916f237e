// asyncd check: runs the same code as a start, and stops before serving.
#include <fmt/core.h>

#include "cmd/cli/json.h"
#include "cmd/cli/report.h"
#include "cmd/serve/commands.h"
#include "cmd/serve/prepare.h"
#include "core/log/log.h"
#include "core/system/standard_streams.h"
#include "core/text/escape.h"

namespace asyncd {

namespace {

struct Checked {
  std::string file;  // empty: there is none
  std::size_t listeners = 0;
};

Result<Checked> check(const Options& options) {
  const Result<Prepared> prepared = prepare(options, *make_server(), options.check_bind);
  if (!prepared) return prepared.error();
  if (const Result<void> log = log::check_file(prepared->loaded.config.log.file); !log)
    return log.error();
  print_warnings(prepared->loaded);
  return Checked{prepared->loaded.file, prepared->loaded.config.listeners.size()};
}

Json to_json(const Result<Checked>& finding) {
  if (finding)
    return {{"ok", true}, {"file", or_null(finding->file)}, {"listeners", finding->listeners}};
  return {{"ok", false},
          {"exit_code", static_cast<int>(finding.error().code)},
          {"message", finding.error().message}};
}

}  // namespace

int check_command(const Options& options) {
  const Result<Checked> finding = check(options);
  if (options.json) {
    print(json_text(to_json(finding)));
    return finding ? 0 : static_cast<int>(finding.error().code);
  }
  if (!finding) return complain(finding.error());
  print(fmt::format("{}: ok, {} listener{}{}\n",
                    finding->file.empty() ? "configuration" : text::shown(finding->file, 4096),
                    finding->listeners, finding->listeners == 1 ? "" : "s",
                    options.check_bind ? ", every address can be bound" : ""));
  return 0;
}

}  // namespace asyncd
