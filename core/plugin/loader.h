// Loader: finds handlers by name or path and says precisely why one cannot be had. Start-up and
// reload only.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/config/config.h"
#include "core/plugin/handler.h"

namespace asyncd {

// by the word for it in a listener
using Handlers = std::map<std::string, std::shared_ptr<Handler>, std::less<>>;

class Loader {
 public:
  using Environment = std::function<std::optional<std::string>(std::string_view)>;
  using Warn = std::function<void(const std::string&)>;

  // Searched in this order: the configured folders (flag, environment, file), the user's, the
  // installation's, beside the program where that has a folder of its own. `warn` gets what does
  // not keep a handler from being loaded; `trial` comes before a library is loaded for the first
  // time.
  Loader(const Config& config, const Environment& environment, Warn warn = {}, Trial trial = {});

  // `handler` is a listener's: a name, or a path where it has a separator; `origin` is where it was
  // given. One of `present` is given again where neither its library nor its options have changed.
  // 66: not found, and where it was looked for.
  Result<std::shared_ptr<Handler>> load(const std::string& handler, const Config& config,
                                        const Origin& origin = {},
                                        const Handlers& present = {}) const;

  // Whether [handler.`section`] is of a handler that exists, with options that it has; for one that
  // no listener serves.
  Result<void> check(const std::string& section, const Config& config) const;

  struct Found {
    std::string path;
    Result<Plugin> plugin;
  };
  std::vector<Found> list() const;  // all libraries of the search path, the first of each file name

  const std::vector<std::filesystem::path>& folders() const { return folders_; }

 private:
  // adds where the configuration asked for what has failed
  using Place = std::function<Error(const Error&)>;

  Result<std::string> find(const std::string& handler, const HandlerConfig& options) const;
  Error not_found(const std::string& handler) const;
  Result<HandlerDescription> look_up(const std::string& handler, const Config& config,
                                     const Place& placed) const;

  std::vector<std::filesystem::path> folders_;
  Trust trust_;
  Warn warn_;
  Trial trial_;
};

}  // namespace asyncd
