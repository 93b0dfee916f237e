// The two modes of the fake host as the parameter of a test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "sdk/fake_host.hpp"

class InBothModes : public testing::TestWithParam<asyncd::fake_mode> {};

inline std::string name_of(asyncd::fake_mode mode) {
  return mode == asyncd::fake_mode::immediate ? "Immediate" : "Deferred";
}

inline std::string name_of_mode(const testing::TestParamInfo<asyncd::fake_mode>& mode) {
  return name_of(mode.param);
}

inline auto both_modes() {
  return testing::Values(asyncd::fake_mode::immediate, asyncd::fake_mode::deferred);
}
