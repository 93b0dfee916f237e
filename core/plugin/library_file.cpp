#include "core/plugin/library_file.h"

#include <filesystem>
#include <system_error>

#include "core/files/start_folder.h"
#include "core/security/sha256.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{1} << 30;

Error denied() {
  return {ExitCode::permission, "no permission to read it; asyncd's user needs it"};
}
Error unusable(std::string why) { return {ExitCode::handler_rejected, std::move(why)}; }

// What a name stands for, told before it is opened: to open a device may do something to it.
Result<void> check_kind(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (failure == std::errc::permission_denied) return denied();
  if (!fs::exists(status))
    return Error{ExitCode::not_found,
                 "no such file; 'asyncd handlers' lists those that have a name"};
  if (fs::is_directory(status))
    return Error{ExitCode::not_found, "it is a folder; name a library in it"};
  if (const std::string_view kind = other_kind(path); !kind.empty()) return not_a_file(kind);
  return {};
}

Result<LibraryFile> read(const std::string& path, Trust trust) {
  const fs::path place = absolute_path(path_of(path));
  if (const Result<void> kind = check_kind(place); !kind) return kind.error();
  Result<OpenFile> file = OpenFile::open(place);
  if (!file && file.error().code == ExitCode::permission) return denied();
  if (!file) return unusable("it cannot be opened: " + file.error().message);
  Result<std::string> doubt = check_trust(*file, place, trust);
  if (!doubt) return doubt.error();
  if (file->size() > most_bytes) return unusable("it is larger than 1GiB, the most that is loaded");
  Result<std::string> bytes = file->read(most_bytes);
  if (!bytes) return unusable("it cannot be read: " + bytes.error().message);
  if (!file->is_unchanged())
    return unusable("it is being written to; try again when that has ended");
  std::string digest = sha256(*bytes);
  return LibraryFile{std::move(*file), path, std::move(*bytes), std::move(digest),
                     std::move(*doubt)};
}

}  // namespace

Result<LibraryFile> read_library(const std::string& path, Trust trust) {
  Result<LibraryFile> file = read(path, trust);
  if (!file)
    file.error().message =
        "cannot load the handler " + text::shown(path, 4096) + ": " + file.error().message;
  return file;
}

}  // namespace asyncd
