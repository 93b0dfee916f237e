// The mistakes found in a configuration, collected so that all of them are reported at once.
// Owned by load_config for the length of one call.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"

namespace asyncd {

class Problems {
 public:
  // The exit code follows from the origin: a file's is 78, that of everything else 2.
  void add(const Origin& origin, const std::string& what);

  bool empty() const { return found_.empty(); }

  // All of them, a blank line between two; the code is the first one's. Those of a file come last,
  // in its order.
  Error to_error() const;

 private:
  struct Problem {
    Origin origin;
    std::string text;
  };
  std::vector<Problem> found_;
  std::set<std::string> seen_;
};

// "where: what", with the excerpt, where there is one, below its first line.
std::string describe(const Origin& origin, const std::string& what);

ExitCode exit_code_for(const Origin& origin);

}  // namespace asyncd
