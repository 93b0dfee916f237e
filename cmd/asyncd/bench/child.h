// Child: a server of our own, an asyncd in a process of its own, on the cores that it is given. It ends with this
// object, and (on Linux) with this process, however that ends. One owner.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace asyncd::bench {

// Processor numbers.
using Cores = std::vector<unsigned>;

// Those that this process may run on; empty where the system does not tell.
Cores own_cores();
// Moves this process, with all threads that it makes from now on, and the children that it starts; false: cannot be.
bool move_to(const Cores& cores);
// Those of another process; empty where the system does not tell.
Cores cores_of(std::uint64_t process);

// A program that runs, its output in a file.
class Process {
 public:
  // Standard output and error go to `output`, which is made.
  static Result<std::unique_ptr<Process>> start(const std::filesystem::path& program,
                                                const std::vector<std::string>& arguments,
                                                const std::filesystem::path& output);
  virtual ~Process() = default;  // ends it, if it runs

  virtual std::uint64_t id() const = 0;
  virtual bool runs() = 0;
  virtual void ask_to_end() = 0;  // as an operator would
  virtual void end() = 0;         // at once
};

class Child {
 public:
  // Starts this very program with these arguments, which say what to serve but not where, and waits until it listens.
  // The error has its own words.
  static Result<std::unique_ptr<Child>> start(std::vector<std::string> arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const std::string& address() const { return address_; }
  std::uint64_t process() const { return process_->id(); }
  bool runs() { return process_->runs(); }
  std::string output() const;  // what it has said

 private:
  Child() = default;
  Result<void> wait_until_it_listens();

  std::filesystem::path folder_;
  std::unique_ptr<Process> process_;
  std::string address_;
};

}  // namespace asyncd::bench
