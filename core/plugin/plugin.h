// Plugin: a loaded library whose exported description has been checked. What it describes may be
// older or newer than this host: descriptions are copied into structs of this host's size, with
// zeros for what the plugin does not know. Start-up and reload only; immutable afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/load.h"
#include "core/plugin/library.h"
#include "sdk/asyncd.h"

namespace asyncd {

struct HandlerDescription {
  asyncd_handler hooks{};
  std::string name;
  std::string summary;
  std::string version;
  std::vector<Setting> options;
  std::string path;                        // of its library, as it was asked for
  std::shared_ptr<const Library> library;  // null where it is of none
};

struct Plugin {
  std::string path;
  unsigned abi_minor = 0;
  std::vector<HandlerDescription> handlers;
  std::vector<std::string> warnings;  // each names the path

  const HandlerDescription* find(std::string_view name) const;
};

// Whether the library survives being loaded, tried where that harms no connection. The error tells
// what came instead.
using Trial = std::function<Result<void>(const LibraryFile&)>;

// 65: everything that is wrong with the library itself. 71: the system has no room for its copy, or
// no process for its trial. The message names the path. `trial`, where there is one, comes before a
// content is loaded that this process has not loaded yet.
Result<Plugin> load_plugin(const LibraryFile& file, const Trial& trial = {});

// The checks of load_plugin on a description that is in memory already.
Result<Plugin> read_plugin(const asyncd_plugin& exported, const std::string& path);

}  // namespace asyncd
