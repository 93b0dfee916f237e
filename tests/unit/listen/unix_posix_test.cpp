// Unix sockets, when several want the same path at the same time.
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>

#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/text/path_text.h"
#include "tests/support/listen_on.h"

namespace asyncd::test {

namespace {

namespace fs = std::filesystem;

Result<ListenSocket> listen_at(const fs::path& path) {
  return listen_on({.kind = Address::Kind::unix_socket, .path = path_text(path)});
}

}  // namespace

TEST(UnixSockets, OfAllWhoFindOneThatIsLeftOneReplacesIt) {
  const fs::path folder =
      fs::temp_directory_path() / ("asyncd-" + std::to_string(std::random_device()()));
  ASSERT_TRUE(fs::create_directory(folder));
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(listen_at(folder / "socket"));
    {
      const auto last = listen_at(folder / "socket");
      fs::rename(folder / "socket", folder / "left");  // so that it is not removed
    }
    std::vector<std::optional<Result<ListenSocket>>> found(8);
    std::barrier<> together(8);
    std::vector<std::thread> all;
    for (auto& mine : found)
      all.emplace_back([&] {
        together.arrive_and_wait();
        mine.emplace(listen_at(folder / "left"));
      });
    for (std::thread& one : all) one.join();
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [](const auto& one) { return bool(*one); }),
              1)
        << round;
  }
  fs::remove_all(folder);
}

}  // namespace asyncd::test
