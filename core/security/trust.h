// Whether a file may be believed that decides what this process does: its configuration, a
// handler's library. What anybody else than root and the process's own user could alter is not.
// Start-up and reload only.
#pragma once

#include <filesystem>

#include "core/files/open_file.h"

namespace asyncd {

enum class Trust { owner, any };  // any: no check

// Checks `file`, which was opened by the name `path`, and all folders and links on the way to it.
// As root, nobody else may be able to alter any of them; else root and this user may, and what a
// group may alter is a warning: the result, or empty. 77: somebody else may; the error says who,
// which, and what to do. Windows: no check.
Result<std::string> check_trust(const OpenFile& file, const std::filesystem::path& path,
                                Trust trust);

}  // namespace asyncd
