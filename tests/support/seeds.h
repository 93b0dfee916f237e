// Seeds: runs a test of chance once for each of many seeds, and sees to it that the one that fails is known, however it
// fails: by an expectation, by a crash, or by a sanitizer's report.
#pragma once

#include <cstdint>
#include <functional>

namespace asyncd::test {

// Seeds 1 to `usual_count`, until one fails. ASYNCD_TEST_SEED=N in the environment runs that one alone,
// ASYNCD_TEST_SEEDS=N so many of them; both together so many from the first one on. ASYNCD_TEST_SLOWNESS=N, for an
// emulated processor, makes it one N-th of the usual. Returns how many have passed.
std::uint64_t for_each_seed(std::uint64_t usual_count, const std::function<void(std::uint64_t seed)>& run);

}  // namespace asyncd::test
