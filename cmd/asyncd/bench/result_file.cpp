#include "cmd/asyncd/bench/result_file.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/base/open_file.h"
#include "core/base/path_text.h"
#include "core/base/standard_streams.h"
#include "core/base/start_folder.h"
#include "core/base/text.h"

namespace asyncd::bench {

namespace {

Error unwritable(const std::string& name) {
  return {ExitCode::cannot_create, "cannot write the result to '" + text::printable(name) + "'"};
}

// `error`: errno, which the C++ library leaves as the system has set it; 0 where it tells nothing.
Error unwritable(const std::string& name, int error) {
  Error result = unwritable(name);
  if (error != 0) result.message += ": " + std::generic_category().message(error);
  return result;
}

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
    return Error{ExitCode::usage, unwritable(name_).message + ": a control byte in its name"};
  std::error_code unknown;
  const std::filesystem::path path = absolute_path(path_of(name_));
  // A FIFO without a reader would have to be waited for.
  if (const std::string_view kind = other_kind(path);
      (kind == "a FIFO" && !is_open_already(path)) || kind == "a folder" || kind == "a socket")
    return Error{ExitCode::not_found, unwritable(name_).message + ": " + not_a_file(kind).message};
  const bool there = std::filesystem::exists(path, unknown);
  errno = 0;
  out_.open(path, std::ios::binary | std::ios::app);
  if (!out_) return unwritable(name_, errno);
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
  if (std::filesystem::is_regular_file(path, unknown)) std::filesystem::resize_file(path, 0, failure);
  errno = 0;
  out_ << content;
  out_.close();
  if (failure) return Error{ExitCode::cannot_create, unwritable(name_).message + ": " + failure.message()};
  if (!out_) return unwritable(name_, errno);
  return {};
}

}  // namespace asyncd::bench
