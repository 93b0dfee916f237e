#include <sys/utsname.h>

#include "cmd/bench/system/machine.h"

namespace asyncd::bench {

Facts machine_facts() {
  utsname system{};
  ::uname(&system);
  return {{"kernel", std::string(system.sysname) + " " + system.release},
          {"cpu", system.machine},
          {"cores", std::to_string(core_count())}};
}

}  // namespace asyncd::bench
