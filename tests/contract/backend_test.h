// The fixture of all tests that run once for each backend of the registry.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/test_server.h"

namespace asyncd::test {

class BackendTest : public testing::TestWithParam<std::string> {
 protected:
  ServerSetup setup(const std::string& handler, const Framing& framing = {}) const {
    ServerSetup result;
    result.backend = GetParam();
    result.handler = handler;
    result.framing = framing;
    return result;
  }

  // One that serves many connections on a thread, so that no handler may wait there.
  bool is_event_loop() const {
    return GetParam() != "blocking" && GetParam() != "thread-per-connection" &&
           GetParam() != "thread-pool";
  }

  bool has_setting(std::string_view key) const {
    const std::span<const Setting> settings = find_backend(GetParam())->settings();
    return std::any_of(settings.begin(), settings.end(),
                       [&](const Setting& each) { return each.key == key; });
  }
};

class ConcurrentBackendTest : public BackendTest {};

// Those that this system has.
inline std::vector<std::string> all_backends() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : backends())
    if (!entry.unavailable()) names.emplace_back(entry.name);
  return names;
}

inline std::vector<std::string> concurrent_backends() {
  std::vector<std::string> names = all_backends();
  std::erase_if(names, [](const std::string& name) { return !find_backend(name)->concurrent; });
  return names;
}

inline std::string backend_test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace asyncd::test
