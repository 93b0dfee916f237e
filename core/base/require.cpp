#include "core/base/require.h"

#include <cstdio>
#include <cstdlib>

namespace asyncd {

void end_by_broken_contract(const char* contract, const char* file, int line) noexcept {
  std::fprintf(stderr,
               "asyncd: a mistake in asyncd, please report it: \"%s\" does not hold (%s:%d)\n",
               contract, file, line);
  std::abort();
}

}  // namespace asyncd
