#include <gtest/gtest.h>

#include <string>

#include "core/base/log.h"

using namespace asyncd;

namespace {

constexpr std::string_view noon = "2026-01-02T12:00:00.000000Z";

TEST(LogFormat, TextIsForPeople) {
  EXPECT_EQ(log::format_text(log::Level::info, "listening", {{"address", "127.0.0.1:8080"}, {"conn", 7}}, noon, false),
            "2026-01-02T12:00:00.000000Z info  listening address=127.0.0.1:8080 conn=7");
}

TEST(LogFormat, JsonHasTheEvent) {
  EXPECT_EQ(
      log::format_json(log::Level::warn, "accept_failed", "cannot accept", {{"err", "none left"}, {"conn", 7}}, noon),
      R"({"ts":"2026-01-02T12:00:00.000000Z","level":"warn","msg":"cannot accept","event":"accept_failed",)"
      R"("err":"none left","conn":7})");
}

}  // namespace
