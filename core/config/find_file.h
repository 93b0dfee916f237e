// Where the configuration file is, and its text. Start-up only; reads files and nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/load.h"

namespace asyncd {

struct ConfigFile {
  std::string name;  // as messages call it
  std::string text;
  std::string warning;  // empty: there is none
  bool once = false;    // it cannot be read again
};

// The file of -c, or else the first that exists of $ASYNCD_CONFIG, ./asyncd.toml, the user's and
// the system's; nothing where none does. A reload has the present one again, or an error where that
// is gone, has become empty, or could be read only once. 66: a file that was named does not exist,
// or is something else; 77: it may not be read, or others than its owner may write it.
Result<std::optional<ConfigFile>> find_config_file(const Sources& sources);

bool is_blank(std::string_view text);

// Of the operating system: the user's and the system's configuration files, and what separates the
// folders of a list.
using Environment = std::function<std::optional<std::string>(std::string_view)>;
std::vector<std::filesystem::path> installed_config_files(const Environment& environment);
char path_list_separator();

}  // namespace asyncd
