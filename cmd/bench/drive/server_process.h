// ServerProcess: a server of our own, an asyncd in a process of its own. It ends with this object.
// One owner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/process/child_process.h"

namespace asyncd::bench {

class ServerProcess {
 public:
  // Starts this very program with these arguments, which say what to serve but not where, and waits
  // until it listens. The error has its own words.
  static Result<std::unique_ptr<ServerProcess>> start(std::vector<std::string> arguments);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }
  std::uint64_t process() const { return process_.id(); }

  // Takes what it has said since; false: it has ended. To be called often enough that it need not
  // wait for us.
  bool listen();
  const std::string& said() const { return said_; }  // the last of it

 private:
  explicit ServerProcess(ChildProcess&& process) : process_(std::move(process)) {}
  Result<void> wait_until_it_listens();

  ChildProcess process_;
  std::string said_;
  std::string address_;
  bool ended_ = false;
};

}  // namespace asyncd::bench
