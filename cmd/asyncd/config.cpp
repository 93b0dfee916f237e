// asyncd config: the effective settings, or the defaults.
#include "cmd/asyncd/commands.h"
#include "cmd/cli/report.h"
#include "core/config/print.h"
#include "core/system/standard_streams.h"

namespace asyncd {

int config_command(const Options& options) {
  if (options.config_default) {
    print(options.json ? defaults_json(registry_schema()) : defaults_toml(registry_schema()));
    return 0;
  }
  const Result<Loaded> loaded = load_and_warn(options.sources);
  if (!loaded) return complain(loaded.error());
  print(options.json ? to_json(*loaded) : to_toml(*loaded, options.config_origin));
  return 0;
}

}  // namespace asyncd
