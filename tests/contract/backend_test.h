// The fixture of all tests that run once for each backend of the registry.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/test_server.h"

namespace asyncd::test {

class BackendTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const auto why = find_backend(GetParam())->unavailable()) GTEST_SKIP() << GetParam() << ": " << *why;
  }

  ServerSetup setup(const std::string& handler, const Framing& framing = {}) const {
    ServerSetup result;
    result.backend = GetParam();
    result.handler = handler;
    result.framing = framing;
    return result;
  }
};

class ConcurrentBackendTest : public BackendTest {};

inline std::vector<std::string> all_backends() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : backends()) names.emplace_back(entry.name);
  return names;
}

inline std::vector<std::string> concurrent_backends() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : backends())
    if (entry.concurrent) names.emplace_back(entry.name);
  return names;
}

inline std::string backend_test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace asyncd::test
