// Loader: finds handlers by name or path and says precisely why one cannot be had. Start-up and reload only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "core/config/config.h"
#include "core/plugin/handler.h"

namespace asyncd {

class Loader {
 public:
  // Searched in this order: `configured` (flag, environment, file), the user's, the installation's, beside the program
  // where that has a folder of its own.
  Loader(const std::vector<std::string>& configured,
         const std::function<std::optional<std::string>(std::string_view)>& environment);

  // `handler` is a listener's: a name, or a path where it has a separator; `origin` is where it was given. 66: not
  // found, and where it was looked for.
  Result<std::unique_ptr<Handler>> load(const std::string& handler, const Config& config,
                                        const Origin& origin = {}) const;

  // Whether [handler.`section`] is of a handler that exists, with options that it has; for one that nobody serves.
  Result<void> check(const std::string& section, const Config& config) const;

  struct Found {
    std::string path;
    Result<Plugin> plugin;
  };
  std::vector<Found> list() const;  // all libraries of the search path, the first of each file name

  const std::vector<std::filesystem::path>& folders() const { return folders_; }

 private:
  Result<std::string> find(const std::string& handler, const HandlerConfig& options) const;
  Error not_found(const std::string& handler) const;
  Result<HandlerDescription> look_up(const std::string& handler, const Config& config) const;

  std::vector<std::filesystem::path> folders_;
};

}  // namespace asyncd
