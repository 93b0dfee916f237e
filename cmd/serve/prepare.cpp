#include "cmd/serve/prepare.h"

#include <algorithm>

#include "backends/registry.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/library_trial.h"
#include "cmd/process/control.h"
#include "core/config/problems.h"

namespace asyncd {

namespace {

Result<std::unique_ptr<Backend>> make_backend(const std::string& name,
                                              const BackendOptions& options) {
  const BackendEntry* entry = find_backend(name);
  if (entry == nullptr) return Error{ExitCode::usage, "no backend '" + name + "'"};
  if (const auto why = entry->unavailable())
    return Error{ExitCode::backend_unavailable,
                 "the backend " + name + " is unavailable here: " + *why};
  return entry->make(options);
}

// What the backends of all listeners open for themselves. An error: one cannot have as many
// connections as it is asked for. An unknown backend is reported later, by Server::prepare.
Result<std::uint64_t> own_descriptors(const Config& config) {
  std::uint64_t sum = 0;
  for (const ListenerConfig& listener : config.listeners) {
    const Result<std::unique_ptr<Backend>> backend =
        make_backend(listener.backend, config.backends.at(listener.backend));
    if (!backend) continue;
    sum += (*backend)->own_descriptors();
    const std::uint64_t most = (*backend)->most_connections();
    if (listener.max_connections_origin && listener.limits.max_connections > most)
      return Error{ExitCode::os_limit,
                   describe(*listener.max_connections_origin,
                            "max_connections: listener '" + listener.name + "' has the backend " +
                                listener.backend + ", which can have " + std::to_string(most) +
                                " connections at most; choose another backend, or ask for less")};
  }
  return sum;
}

// Each connection needs a descriptor, and so do the process and its backends. A
// listener that asks for too many is an error; one that sets no limit gets a share of the rest.
Result<void> fit_connections(std::vector<ListenerConfig>& listeners, std::uint64_t of_backends,
                             std::uint64_t descriptors) {
  if (of_backends + listeners.size() > descriptors)
    return Error{ExitCode::os_limit, "the backends need " + std::to_string(of_backends) +
                                         " open files for themselves, and the system allows " +
                                         std::to_string(descriptors) +
                                         "; use fewer threads, or raise the limit (ulimit -Hn)"};
  const std::uint64_t own = 32 + of_backends;
  std::uint64_t asked = 0, others = 0;
  const Origin* asking = nullptr;
  for (const ListenerConfig& listener : listeners) {
    if (!listener.max_connections_origin) {
      ++others;
      continue;
    }
    asked += listener.limits.max_connections;
    asking = &*listener.max_connections_origin;
  }
  const std::uint64_t needed = asked + others + own;
  if (asking != nullptr && needed > descriptors)
    return Error{
        ExitCode::os_limit,
        describe(
            *asking,
            "max_connections: all listeners together need " + std::to_string(needed) +
                " open files, and the system allows " + std::to_string(descriptors) +
                "; raise that (ulimit -Hn, or LimitNOFILE in systemd's unit), or ask for less")};
  if (others == 0) return {};
  const std::uint64_t share =
      std::max<std::uint64_t>(1, (std::max(descriptors, needed) - own - asked) / others);
  for (ListenerConfig& listener : listeners)
    if (!listener.max_connections_origin) listener.connection_share = share;
  return {};
}

}  // namespace

std::unique_ptr<Server> make_server() { return std::make_unique<Server>(make_backend); }

Result<Prepared> prepare(const Options& options, const Server& server, bool bind) {
  Result<Loaded> loaded = load_config(options.sources, registry_schema());
  if (!loaded) return loaded.error();
  return prepare(std::move(*loaded), options, server, [bind] { return bind; });
}

Result<Prepared> prepare(Loaded loaded, const Options& options, const Server& server,
                         const std::function<bool()>& bind) {
  Prepared prepared{std::move(loaded), {}};
  Config& config = prepared.loaded.config;
  const Result<std::uint64_t> own = own_descriptors(config);
  if (!own) return own.error();
  if (Result<void> fit = fit_connections(config.listeners, *own, raise_descriptor_limit()); !fit)
    return fit.error();
  const Loader loader(
      config, options.sources.environment,
      [&prepared](const std::string& warning) { prepared.loaded.warnings.push_back(warning); },
      library_trial(config));
  Result<Generation> generation = server.prepare(config, loader);
  if (!generation) return generation.error();
  prepared.generation = std::move(*generation);
  if (!bind()) return prepared;
  if (Result<void> bound = server.bind(prepared.generation); !bound) return bound.error();
  return prepared;
}

}  // namespace asyncd
