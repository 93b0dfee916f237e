#include "cmd/asyncd/bench/child.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "core/base/clock.h"
#include "core/base/path_text.h"
#include "core/base/system_paths.h"

namespace asyncd::bench {

namespace {

constexpr Duration patience = std::chrono::seconds(30);
constexpr Duration between_looks = std::chrono::milliseconds(5);

// Nobody else's, whoever runs besides.
Result<std::filesystem::path> make_folder() {
  std::random_device chance;
  std::error_code failure;
  const std::filesystem::path top = std::filesystem::temp_directory_path(failure);
  for (int attempt = 0; !failure && attempt < 100; ++attempt) {
    const std::filesystem::path folder = top / ("asyncd-bench-" + std::to_string(chance()));
    if (!std::filesystem::create_directory(folder, failure)) continue;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    return folder;
  }
  return Error{ExitCode::cannot_create,
               "cannot create a folder for temporary files in '" + path_text(top) + "': " + failure.message()};
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(std::vector<std::string> arguments) {
  Result<std::filesystem::path> folder = make_folder();
  if (!folder) return folder.error();
  std::unique_ptr<Child> child(new Child());
  child->folder_ = std::move(*folder);
  arguments.insert(arguments.end(), {"--listen=127.0.0.1:0", "-o", "log.level=info", "-o", "log.format=text", "-o",
                                     "log.file=", "--color=never"});
  Result<std::unique_ptr<Process>> process =
      Process::start(executable_path(), arguments, child->folder_ / "server.log");
  if (!process) return process.error();
  child->process_ = std::move(*process);
  if (const Result<void> listens = child->wait_until_it_listens(); !listens) return listens.error();
  return child;
}

Child::~Child() {
  if (process_) {
    process_->ask_to_end();
    for (const Instant deadline = Clock::now() + std::chrono::seconds(2); process_->runs() && Clock::now() < deadline;)
      std::this_thread::sleep_for(between_looks);
    process_.reset();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Child::output() const {
  std::ifstream file(folder_ / "server.log", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<void> Child::wait_until_it_listens() {
  constexpr std::string_view mark = "listening address=";
  for (const Instant deadline = Clock::now() + patience; Clock::now() < deadline;) {
    const bool ran = process_->runs();  // asked first, so that its last words are not missed
    const std::string said = output();
    if (const std::size_t found = said.find(mark); found != std::string::npos) {
      const std::size_t begin = found + mark.size();
      const std::size_t end = said.find_first_of(" \n", begin);
      if (end != std::string::npos) {
        address_ = said.substr(begin, end - begin);
        return {};
      }
    }
    if (!ran) return Error{ExitCode::failure, "the server has not started; it says:\n" + said};
    std::this_thread::sleep_for(between_looks);
  }
  return Error{ExitCode::failure, "the server does not listen after 30 seconds; it says:\n" + output()};
}

}  // namespace asyncd::bench
