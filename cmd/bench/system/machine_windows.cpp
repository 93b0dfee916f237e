#include <cstdlib>

#include "cmd/bench/system/machine.h"

namespace asyncd::bench {

Facts machine_facts() {
  Facts facts{{"kernel", "Windows"}, {"cores", std::to_string(core_count())}};
  if (const char* processor = std::getenv("PROCESSOR_IDENTIFIER"))
    facts.emplace_back("cpu", processor);
  return facts;
}

}  // namespace asyncd::bench
