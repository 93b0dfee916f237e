#include "cmd/handler_check/library_trial.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cmd/cli/report.h"
#include "cmd/handler_check/commands.h"
#include "cmd/process/build_info.h"
#include "cmd/process/child_process.h"
#include "cmd/process/control.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

constexpr Duration patience = std::chrono::seconds(8);  // less than a reload has in all
constexpr std::string_view command = "try-library";
constexpr std::string_view has_returned = "asyncd: the library has been loaded\n";
constexpr std::size_t kept = 4096;  // of what it says
constexpr std::size_t longest_quoted = 300;

// The program's file may have been replaced since this process began.
std::string identity() {
  return std::string(build_info::version) + " " + std::string(build_info::commit);
}

std::string quote_last_line(std::string_view said) {
  const auto is_blank = [](char byte) { return byte == ' ' || byte == '\n' || byte == '\r'; };
  while (!said.empty() && is_blank(said.back())) said.remove_suffix(1);
  const std::size_t line_end = said.rfind('\n');
  if (line_end != std::string_view::npos) said.remove_prefix(line_end + 1);
  return said.empty() ? "" : "; its last words: \"" + text::printable(said, longest_quoted) + "\"";
}

Error is_not_survived(const std::string& what, std::string_view said) {
  return {ExitCode::handler_rejected,
          "loading it was tried in a process of its own: " + what + quote_last_line(said)};
}

// That it cannot be used for other reasons is found when it is loaded.
Result<void> try_library(const LibraryFile& file) {
  const std::array<std::string, 4> arguments{std::string(command), file.path, file.digest,
                                             identity()};
  Result<ChildProcess> child = ChildProcess::start(arguments, ChildProcess::Kind::apart);
  if (!child)
    return Error{child.error().code, "loading it cannot be tried: " + child.error().message +
                                         "; see to that, or set security.try_libraries = false"};
  std::string said;
  for (const Instant deadline = after(Clock::now(), patience); Clock::now() < deadline;) {
    const ChildProcess::Reading reading = child->read(said, deadline - Clock::now());
    if (said.find(has_returned) != std::string::npos) return {};
    if (reading == ChildProcess::Reading::end)
      return is_not_survived(
          child->wait(deadline - Clock::now()).value_or("the process ended with exit code 0"),
          said);
    if (said.size() > kept) said.erase(0, said.size() - kept);
  }
  return is_not_survived("it did not return within " + text::format_duration(patience), said);
}

}  // namespace

Trial library_trial(const Config& config) {
  return config.try_libraries ? Trial(try_library) : Trial();
}

// The child's part.
int try_library_command(const Options& options) {
  const std::vector<std::string>& words = options.arguments;
  if (words.size() != 4)
    return complain({ExitCode::usage, "asyncd itself uses " + std::string(command)});
  if (words[3] != identity())
    return complain({ExitCode::failure,
                     "another version of asyncd is installed now; restart the one that runs"});
  std::FILE* const out = enter_child();
  if (out == nullptr) return static_cast<int>(ExitCode::failure);
  // the other process has looked at that
  const Result<LibraryFile> file = read_library(words[1], Trust::any);
  if (!file) return complain(file.error());
  if (file->digest != words[2])
    return complain({ExitCode::failure, "the file has changed meanwhile; try again"});
  static_cast<void>(load_plugin(*file));
  std::fwrite(has_returned.data(), 1, has_returned.size(), out);
  std::fflush(out);
  end_process(ExitCode::ok);  // what it does at the end of a process is not asked
}

}  // namespace asyncd
