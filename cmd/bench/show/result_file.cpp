#include "cmd/bench/show/result_file.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/files/open_file.h"
#include "core/files/start_folder.h"
#include "core/system/standard_streams.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd::bench {

namespace {

Error unwritable(const std::string& name, const std::string& why,
                 ExitCode code = ExitCode::cannot_create) {
  return {code, "cannot write the result to '" + text::printable(name) + "'" +
                    (why.empty() ? "" : ": " + why)};
}

// Of a file stream that has failed: errno stays as the system has set it.
std::string stream_error() { return errno == 0 ? "" : std::generic_category().message(errno); }

}  // namespace

ResultFile::~ResultFile() {
  if (!made_) return;
  out_.close();
  std::error_code nobody_minds;
  std::filesystem::remove(absolute_path(path_of(name_)), nobody_minds);
}

Result<void> ResultFile::open() {
  if (name_ == "-") return check_output();
  if (name_.empty()) return {};
  if (text::find_control(name_) != std::string_view::npos)
    return unwritable(name_, "a control byte in its name", ExitCode::usage);
  std::error_code unknown;
  const std::filesystem::path path = absolute_path(path_of(name_));
  // A FIFO without a reader would have to be waited for.
  if (const std::string_view kind = other_kind(path);
      (kind == "a FIFO" && !is_open_already(path)) || kind == "a folder" || kind == "a socket")
    return unwritable(name_, not_a_file(kind).message, ExitCode::not_found);
  const bool there = std::filesystem::exists(path, unknown);
  errno = 0;
  out_.open(path, std::ios::binary | std::ios::app);
  if (!out_) return unwritable(name_, stream_error());
  made_ = !there && !unknown;
  return {};
}

Result<void> ResultFile::write(const std::string& content) {
  if (name_.empty()) return {};
  if (name_ == "-") {
    print(content);
    return flush_output();
  }
  made_ = false;
  const std::filesystem::path path = absolute_path(path_of(name_));
  std::error_code unknown, failure;
  if (std::filesystem::is_regular_file(path, unknown))
    std::filesystem::resize_file(path, 0, failure);
  errno = 0;
  out_ << content;
  out_.close();
  if (failure) return unwritable(name_, failure.message());
  if (!out_) return unwritable(name_, stream_error());
  return {};
}

}  // namespace asyncd::bench
