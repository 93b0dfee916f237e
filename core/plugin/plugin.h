// Plugin: a loaded library whose exported description has been checked. What it describes may be older or newer than
// this host: descriptions are copied into structs of this host's size, with zeros for what the plugin does not know.
// Start-up and reload only; immutable afterwards.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/load.h"
#include "sdk/asyncd.h"

namespace asyncd {

struct HandlerDescription {
  asyncd_handler hooks{};
  std::string name;
  std::string summary;
  std::string version;
  std::vector<Setting> options;
};

struct Plugin {
  std::string path;
  unsigned abi_minor = 0;
  std::vector<HandlerDescription> handlers;

  const HandlerDescription* find(std::string_view name) const;
};

// Errors: 66 no such file, 77 not readable, 65 everything that is wrong with the library itself. The message names the
// path.
Result<Plugin> load_plugin(const std::string& path);

// The checks of load_plugin on a description that is in memory already.
Result<Plugin> read_plugin(const asyncd_plugin& exported, const std::string& path);

}  // namespace asyncd
