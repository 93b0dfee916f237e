#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#if defined(ASYNCD_SANITIZED)
#include <sanitizer/common_interface_defs.h>
#endif

namespace asyncd::test {

namespace {

char advice[80] = "";

void advise() {
  std::fputs(advice, stderr);
  std::fflush(stderr);
}

void on_crash(int signal) {
  advise();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// A sanitizer catches its signals itself.
void speak_when_dying() {
#if defined(ASYNCD_SANITIZED)
  __sanitizer_set_death_callback(advise);
#else
  for (const int signal : {SIGSEGV, SIGFPE, SIGILL}) std::signal(signal, on_crash);
#endif
  std::signal(SIGABRT, on_crash);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace

std::uint64_t as_time_allows(std::uint64_t usual, std::uint64_t least) {
  return std::max(least, usual / number_from("ASYNCD_TEST_SLOWNESS", 1));
}

std::uint64_t for_each_seed(std::uint64_t usual_count,
                            const std::function<void(std::uint64_t)>& run) {
  const std::uint64_t chosen = number_from("ASYNCD_TEST_SEED", 0);
  const std::uint64_t first = chosen == 0 ? 1 : chosen;
  const std::uint64_t count =
      number_from("ASYNCD_TEST_SEEDS", chosen == 0 ? as_time_allows(usual_count) : 1);
  speak_when_dying();
  std::uint64_t seed = first;
  for (; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    std::snprintf(advice, sizeof advice, "to see it again: ASYNCD_TEST_SEED=%llu\n",
                  static_cast<unsigned long long>(seed));
    SCOPED_TRACE(advice);
    run(seed);
  }
  advice[0] = '\0';
  return seed - first - (testing::Test::HasFailure() ? 1 : 0);
}

}  // namespace asyncd::test
