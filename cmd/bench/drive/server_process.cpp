#include "cmd/bench/drive/server_process.h"

#include <chrono>

namespace asyncd::bench {

namespace {

constexpr Duration to_start = std::chrono::seconds(30);
constexpr Duration to_end = std::chrono::seconds(2);
constexpr std::size_t kept = std::size_t{16} << 10;  // of what it says

}  // namespace

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--listen=127.0.0.1:0", "-o", "log.level=info", "-o",
                                     "log.format=text", "-o", "log.file=", "--color=never"});
  Result<ChildProcess> process = ChildProcess::start(arguments, ChildProcess::Kind::apart);
  if (!process) return process.error();
  std::unique_ptr<ServerProcess> child(new ServerProcess(std::move(*process)));
  if (const Result<void> listens = child->wait_until_it_listens(); !listens) return listens.error();
  return child;
}

ServerProcess::~ServerProcess() {
  process_.ask_to_end();
  const Instant deadline = Clock::now() + to_end;
  while (!ended_ && Clock::now() < deadline) {
    said_.clear();
    ended_ = process_.read(said_, deadline - Clock::now()) == ChildProcess::Reading::end;
  }
}

bool ServerProcess::listen() {
  ChildProcess::Reading reading{};
  while (!ended_ && (reading = process_.read(said_, Duration(0))) == ChildProcess::Reading::bytes)
    if (said_.size() > kept) said_.erase(0, said_.size() - kept);
  ended_ = ended_ || reading == ChildProcess::Reading::end;
  return !ended_;
}

Result<void> ServerProcess::wait_until_it_listens() {
  constexpr std::string_view mark = "listening address=";
  for (const Instant deadline = Clock::now() + to_start; Clock::now() < deadline;) {
    const bool ended = process_.read(said_, deadline - Clock::now()) == ChildProcess::Reading::end;
    if (const std::size_t found = said_.find(mark); found != std::string::npos) {
      const std::size_t begin = found + mark.size();
      const std::size_t end = said_.find_first_of(" \n", begin);
      if (end != std::string::npos) {
        address_ = said_.substr(begin, end - begin);
        return {};
      }
    }
    if (ended) return Error{ExitCode::failure, "the server has not started; it says:\n" + said_};
  }
  return Error{ExitCode::failure,
               "the server does not listen after 30 seconds; it says:\n" + said_};
}

}  // namespace asyncd::bench
