// Seeds: runs a test of chance once for each of many seeds, and sees to it that the one that fails
// is known, however it fails: by an expectation, by a crash, or by a sanitizer's report.
#pragma once

#include <cstdint>
#include <functional>

namespace asyncd::test {

// `usual`, or where ASYNCD_TEST_SLOWNESS=N says that the processor is emulated or the code not
// optimised, one N-th of it, but at least `least`.
std::uint64_t as_time_allows(std::uint64_t usual, std::uint64_t least = 1);

// Seeds 1 to `usual_count`, until one fails. ASYNCD_TEST_SEED=N in the environment runs that one
// alone, ASYNCD_TEST_SEEDS=N so many of them, whatever time allows; both together so many from the
// first one on. Returns how many have passed.
std::uint64_t for_each_seed(std::uint64_t usual_count,
                            const std::function<void(std::uint64_t seed)>& run);

}  // namespace asyncd::test
