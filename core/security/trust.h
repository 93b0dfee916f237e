// Whether a file may be believed that decides what this process does: its configuration, a
// handler's library. What users other than root and the process's own could alter is not.
// Start-up and reload only.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/files/open_file.h"

namespace asyncd {

enum class Trust { owner, any };  // any: no check

constexpr std::string_view name_of(Trust trust) {
  switch (trust) {
    case Trust::owner:
      return "owner";
    case Trust::any:
      return "any";
  }
  return "";
}

// Checks `file`, which was opened by the name `path`, and all folders and links on the way to it.
// A process of root demands that only root may alter them; any other process, that only root and
// its own user may. What a group may alter is a warning: the result, or empty. 77: other users may
// alter one of them; the error says who, which, and what to do. Windows: no check.
Result<std::string> check_trust(const OpenFile& file, const std::filesystem::path& path,
                                Trust trust);

}  // namespace asyncd
