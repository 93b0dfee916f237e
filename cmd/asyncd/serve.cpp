#include "cmd/asyncd/serve.h"

#include "backends/registry.h"

namespace asyncd {

namespace {

Result<std::unique_ptr<Backend>> make_backend(const std::string& name, const BackendOptions& options) {
  const BackendEntry* entry = find_backend(name);
  if (entry == nullptr) return Error{ExitCode::usage, "no backend '" + name + "'"};
  if (const auto why = entry->unavailable())
    return Error{ExitCode::backend_unavailable, "the backend " + name + " is unavailable here: " + *why};
  return entry->make(options);
}

}  // namespace

Result<std::unique_ptr<Server>> make_server(const Options& options, const Config& config) {
  const Loader loader(config.handler_path, options.sources.environment);
  return Server::create(config, loader, make_backend);
}

}  // namespace asyncd
