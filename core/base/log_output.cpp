#include "core/base/log_output.h"

#include "core/base/error_text.h"
#include "core/base/path_text.h"

namespace asyncd::log {

namespace {

Error cannot_write(const std::string& file, const std::string& why, bool denied = false) {
  return {denied ? ExitCode::permission : ExitCode::cannot_create, "cannot write the log to '" + file + "': " + why};
}

Error cannot_write(const std::string& file, std::error_code why) {
  const bool denied = why == std::errc::permission_denied || why == std::errc::operation_not_permitted;
  return cannot_write(file, error_text(why.value()), denied);
}

Result<void> check_folder(const std::string& file) {
  const std::filesystem::path folder = path_of(file).parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return {};
  if (error == std::errc::permission_denied) return cannot_write(file, error);
  return cannot_write(file, "there is no folder '" + path_text(folder) + "'");
}

}  // namespace

Result<std::unique_ptr<Output>> Output::open(const std::string& file) {
  if (file.empty()) return std::unique_ptr<Output>(new Output(standard_error(), false));
  if (const Result<void> folder = check_folder(file); !folder) return folder.error();
  FileHandle handle{};
  if (const std::error_code error = open_file(path_of(file), handle)) return cannot_write(file, error);
  return std::unique_ptr<Output>(new Output(handle, true));
}

Result<void> Output::check(const std::string& file) {
  if (file.empty()) return {};
  if (Result<void> folder = check_folder(file); !folder) return folder;
  if (const std::error_code error = try_file(path_of(file))) return cannot_write(file, error);
  return {};
}

Output::~Output() {
  if (owned_) close_file(file_);
}

std::error_code Output::write(std::string&& line) {
  if (const std::error_code error = finish()) return error;
  line_ = std::move(line);
  const std::error_code error = finish();
  if (!error || written_ != 0) return {};
  line_.clear();
  return error;
}

std::error_code Output::finish() {
  while (written_ < line_.size()) {
    std::size_t count = 0;
    if (const std::error_code error = write_file(file_, std::string_view(line_).substr(written_), count)) return error;
    written_ += count;
  }
  line_.clear();
  written_ = 0;
  return {};
}

}  // namespace asyncd::log
