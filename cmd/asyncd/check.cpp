// asyncd check: the very code of a start, up to serving.
#include <fmt/core.h>

#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/serve.h"

namespace asyncd {

int check_command(const Options& options) {
  const Result<Loaded> loaded = load_and_warn(options.sources);
  if (!loaded) return complain(loaded.error());
  const Result<std::unique_ptr<Server>> server = make_server(options, loaded->config);
  if (!server) return complain(server.error());
  if (options.check_bind)
    if (const Result<void> bound = (*server)->bind(); !bound) return complain(bound.error());
  fmt::print("{}: ok, {} listener{}{}\n", loaded->file.empty() ? "configuration" : loaded->file,
             loaded->config.listeners.size(), loaded->config.listeners.size() == 1 ? "" : "s",
             options.check_bind ? ", every address can be bound" : "");
  return 0;
}

}  // namespace asyncd
