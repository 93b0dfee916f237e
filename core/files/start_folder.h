// The folder in which asyncd was started. Relative paths mean that one, at the start and at each
// later reload, whatever a handler makes of the process's working folder.
#pragma once

#include <filesystem>

namespace asyncd {

// The main thread, before anything else is done; a service does it once more in the folder where it
// was installed, before it has other threads. A folder that is gone cannot be noted.
void note_start_folder();
const std::filesystem::path& start_folder();  // empty: not noted
// whether the process still works there; true where it is not noted
bool is_in_start_folder();

// `path` itself where it is absolute; without a note in the present working folder.
std::filesystem::path absolute_path(const std::filesystem::path& path);

}  // namespace asyncd
