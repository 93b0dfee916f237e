#include "cmd/asyncd/scaffold.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <system_error>

#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view sample_name = "sample-name";
constexpr std::size_t longest_name = 64;

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A name becomes a target of CMake's, which has some itself, and a folder, which Windows cannot
// call like a device.
bool is_taken(std::string_view name) {
  constexpr std::array<std::string_view, 13> words{
      "all", "clean",  "help", "install", "package", "preinstall", "test",
      "aux", "asyncd", "con",  "none",    "nul",     "prn"};
  const bool port =
      name.size() == 4 && (name.starts_with("com") || name.starts_with("lpt")) && is_digit(name[3]);
  return port || std::find(words.begin(), words.end(), name) != words.end();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// The templates that all handlers share speak of a source in C++, and of a library on Linux.
std::string adapt(std::string_view text, const NewHandler& handler) {
  const std::string sample(sample_name);
  std::string result(text);
  if (handler.language == Language::c) replace_all(result, sample + ".cpp", sample + ".c");
  replace_all(result, sample + ".so", sample + std::string(handler.library_suffix));
  replace_all(result, sample, handler.name);
  return result;
}

Error cannot_create(const fs::path& path, const std::string& why) {
  return {ExitCode::cannot_create, "cannot create '" + path_text(path) + "': " + why};
}

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return cannot_create(path, "it cannot be written");
  return {};
}

Result<void> write_files(const fs::path& folder, std::span<const ScaffoldFile> files) {
  for (const ScaffoldFile& file : files)
    if (Result<void> written = write_file(folder / path_of(file.name), file.text); !written)
      return written;
  return {};
}

}  // namespace

Result<void> check_handler_name(std::string_view name) {
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
  const std::string shown = "'" + text::printable(name, longest_name) + "'";
  if (name.empty() || !std::all_of(name.begin(), name.end(), fits) || !is_letter(name.front()) ||
      name.back() == '-')
    return Error{ExitCode::usage,
                 shown + " is no name for a handler: write lower-case letters, digits and '-', " +
                     "beginning with a letter, as in my-handler"};
  if (name.size() > longest_name)
    return Error{ExitCode::usage, shown + " is too long for a handler's name: at most " +
                                      std::to_string(longest_name) + " letters, digits and '-'"};
  if (is_taken(name))
    return Error{ExitCode::usage,
                 shown +
                     " is a word that CMake, Windows or asyncd keeps for itself; choose another " +
                     "name, as in my-" + std::string(name)};
  return {};
}

std::vector<ScaffoldFile> make_scaffold(const NewHandler& handler) {
  const std::string language = handler.language == Language::c ? "c" : "cpp";
  const std::string source = language + (handler.asynchronous ? "-async/" : "/");
  const std::array<std::string_view, 3> parts{"common/", handler.asynchronous ? "async/" : "sync/",
                                              source};
  std::vector<ScaffoldFile> files;
  for (const Template& part : templates())
    for (const std::string_view prefix : parts)
      if (part.path.starts_with(prefix))
        files.push_back(
            {adapt(part.path.substr(prefix.size()), handler), adapt(part.text, handler)});
  return files;
}

// Under another name until all is there, so that whatever stops this, no reader takes a part for
// the whole.
Result<void> write_scaffold(const fs::path& folder, std::span<const ScaffoldFile> files) {
  std::error_code failure;
  if (fs::exists(fs::symlink_status(folder, failure)))
    return cannot_create(folder,
                         "it is there already; choose another name, or another folder to be in");
  fs::path unfinished = folder;
  unfinished += ".new-" + std::to_string(std::random_device{}());
  if (!fs::create_directory(unfinished, failure))
    return cannot_create(
        folder, failure ? failure.message() : "'" + path_text(unfinished) + "' is there already");
  Result<void> written = write_files(unfinished, files);
  if (written) {
    fs::rename(unfinished, folder, failure);
    if (!failure) return {};
    written = cannot_create(folder, failure.message());
  }
  fs::remove_all(unfinished, failure);
  return written;
}

}  // namespace asyncd
