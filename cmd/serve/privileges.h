// The rights of this process that serving does not need: who makes a handler do what it should not
// has them, too. Read once, at start, by the main thread.
#pragma once

#include <string>

namespace asyncd {

struct Privileges {
  bool root = false;
  std::string capabilities;  // beside the one to listen on low ports; "all", or their names; empty:
                             // none, or unknown here
};

Privileges own_privileges();

}  // namespace asyncd
