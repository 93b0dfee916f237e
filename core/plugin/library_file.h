// LibraryFile: a handler's library as it was read and checked, once. What is loaded are these
// bytes, or, from its place, the very file that is held open here. Start-up and reload only.
#pragma once

#include <string>

#include "core/files/open_file.h"
#include "core/security/trust.h"

namespace asyncd {

struct LibraryFile {
  OpenFile file;
  std::string path;
  std::string bytes;
  std::string digest;   // SHA-256
  std::string warning;  // who else may write it; or empty
};

// Errors: 66 no such file, or something else, such as a folder; 77 not readable or not to be
// trusted; 65 no library. The message names the path.
Result<LibraryFile> read_library(const std::string& path, Trust trust);

}  // namespace asyncd
