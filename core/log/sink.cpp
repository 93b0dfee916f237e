#include "core/log/sink.h"

#include "core/files/open_file.h"
#include "core/files/start_folder.h"
#include "core/text/error_text.h"
#include "core/text/path_text.h"

namespace asyncd::log {

namespace {

Error cannot_write(const std::string& file, const std::string& why,
                   ExitCode code = ExitCode::cannot_create) {
  return {code, "cannot write the log to '" + file + "': " + why};
}

Error cannot_write(const std::string& file, std::error_code why) {
  const bool denied =
      why == std::errc::permission_denied || why == std::errc::operation_not_permitted;
  return cannot_write(file, error_text(why.value()),
                      denied ? ExitCode::permission : ExitCode::cannot_create);
}

// Refuses a folder and a socket. A FIFO, a device and what this process has open already may take
// a log; whether they do is known once they are opened.
Result<void> check_place(const std::string& file) {
  const std::filesystem::path path = absolute_path(path_of(file));
  std::error_code error;
  if (!std::filesystem::is_directory(path.parent_path(), error)) {
    if (error == std::errc::permission_denied) return cannot_write(file, error);
    if (!path.has_parent_path())
      return cannot_write(file, "the folder in which asyncd was started is gone");
    return cannot_write(file,
                        "there is no folder '" + path_text(path_of(file).parent_path()) + "'");
  }
  const std::string_view kind = other_kind(path);
  const bool refused = kind == "a folder" || (kind == "a socket" && !is_open_already(path));
  if (refused) return cannot_write(file, not_a_file(kind).message, ExitCode::not_found);
  return {};
}

Error cannot_open(const std::string& file, std::error_code why) {
  const bool unread_fifo = why == std::errc::no_such_device_or_address &&
                           other_kind(absolute_path(path_of(file))) == "a FIFO";
  if (!unread_fifo) return cannot_write(file, why);
  return cannot_write(file,
                      "it is a FIFO that no process reads; start its reader first, or name a file",
                      ExitCode::not_found);
}

}  // namespace

Result<std::unique_ptr<Sink>> Sink::open(const std::string& file) {
  if (file.empty()) return std::unique_ptr<Sink>(new Sink(standard_error(), false));
  if (const Result<void> place = check_place(file); !place) return place.error();
  FileHandle handle{};
  if (const std::error_code error = open_file(absolute_path(path_of(file)), handle))
    return cannot_open(file, error);
  return std::unique_ptr<Sink>(new Sink(handle, true));
}

Result<void> Sink::check(const std::string& file) {
  if (file.empty()) return {};
  if (Result<void> place = check_place(file); !place) return place;
  if (const std::error_code error = try_file(absolute_path(path_of(file))))
    return cannot_open(file, error);
  return {};
}

Sink::~Sink() {
  if (owned_) close_file(file_);
}

std::error_code Sink::write(std::string&& line) {
  if (const std::error_code error = finish()) return error;
  line_ = std::move(line);
  const std::error_code error = finish();
  if (!error || written_ != 0) return {};
  line_.clear();
  return error;
}

std::error_code Sink::finish() {
  while (written_ < line_.size()) {
    std::size_t count = 0;
    if (const std::error_code error =
            write_file(file_, std::string_view(line_).substr(written_), count))
      return error;
    written_ += count;
  }
  line_.clear();
  written_ = 0;
  return {};
}

}  // namespace asyncd::log
