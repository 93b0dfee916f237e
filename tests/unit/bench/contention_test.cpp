// What took processor time away, of made-up counters and of made-up files.
#include "cmd/bench/system/contention.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

using namespace asyncd;
using namespace asyncd::bench;
using asyncd::test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration run = seconds(10);

// Ten seconds in which the client was busy for 4 s on core 1 and the server for 5 s on core 0, and
// both have waited for it as long as any thread that wakes up.
struct Scene {
  SystemTime before, after;
  Side client{{1}, seconds(4)}, server{{0}, seconds(5)};

  Scene() {
    after.at = before.at + run;
    before.cores = {{0, {seconds(100), {}, {}}}, {1, {seconds(200), {}, {}}}};
    after.cores = {{0, {seconds(105), {}, {}}}, {1, {seconds(206), {}, {}}}};
    before.client.threads = before.server.threads = ThreadTimes{{7, {seconds(1), 100}}};
    after.client.threads = after.server.threads =
        ThreadTimes{{7, {seconds(1) + milliseconds(900), 1100}}};
    before.client.groups = before.server.groups = after.client.groups = after.server.groups =
        GroupTimes{{"/", {}}, {"/one", seconds(3)}};
  }

  Contention seen() const { return contention_between(before, after, client, server); }
};

TEST(Contention, AloneOnTheMachine) {
  const Contention seen = Scene().seen();
  EXPECT_EQ(seen.stolen, 0);
  EXPECT_EQ(seen.client.throttled, 0);
  EXPECT_EQ(seen.server.throttled, 0);
  EXPECT_EQ(seen.client.waiting, 0);
  EXPECT_EQ(seen.server.waiting, 0);
}

TEST(Contention, AnotherProgramOnTheServersCore) {
  Scene scene;
  scene.after.cores->at(0).idle = seconds(102);  // it has had three seconds
  EXPECT_EQ(scene.seen().client.waiting, 0);
  EXPECT_NEAR(*scene.seen().server.waiting, 0.09, 1e-3);  // as long as the server has waited
  scene.after.server.threads->at(7).waited = seconds(9);
  EXPECT_NEAR(*scene.seen().server.waiting, 0.3, 0.01);  // not longer than the other has run
}

// The other one takes nothing from a server that does not want the core meanwhile.
TEST(Contention, AnotherProgramThatIsNotInTheWay) {
  Scene scene;
  scene.after.cores->at(0).idle = seconds(102);
  scene.after.server.threads->at(7).waited = seconds(1) + milliseconds(100);
  EXPECT_NEAR(*scene.seen().server.waiting, 0.01, 1e-3);
}

// Many threads of one server on one core wait for each other.
TEST(Contention, ItsOwnThreadsAreNoOtherProgram) {
  Scene scene;
  for (std::uint64_t thread = 100; thread < 200; ++thread)
    (*scene.after.server.threads)[thread] = {seconds(5), 10};
  EXPECT_EQ(scene.seen().server.waiting, 0);
}

// Client and server in each other's way are none, either.
TEST(Contention, ClientAndServerShareTheirCores) {
  Scene scene;
  scene.client.cores = scene.server.cores = {0, 1};
  scene.after.client.threads->at(7).waited = seconds(5);
  EXPECT_EQ(scene.seen().client.waiting, 0);
  scene.after.cores->at(0).idle = seconds(100);
  EXPECT_NEAR(*scene.seen().client.waiting, 0.25, 0.01);  // half of one of two cores
}

TEST(Contention, ThreadsThatHaveEndedTakeTheirFiguresAlong) {
  Scene scene;
  scene.server.threads_last = false;
  EXPECT_EQ(scene.seen().server.waiting, 0);
  scene.after.cores->at(0).idle = seconds(103);
  EXPECT_NEAR(*scene.seen().server.waiting, 0.2, 0.01);
}

TEST(Contention, TheQuotaOfAnyGroupAroundIt) {
  Scene scene;
  scene.after.server.groups = {{"/", {}}, {"/one", seconds(7)}};
  EXPECT_EQ(scene.seen().client.throttled, 0);
  EXPECT_EQ(scene.seen().server.throttled, 0.4);
  scene.after.server.groups = {{"/", {}}, {"/one", seconds(70)}};  // on several cores at once
  EXPECT_EQ(scene.seen().server.throttled, 1);
}

TEST(Contention, TimeThatTheHostTook) {
  Scene scene;
  scene.after.cores->at(0) = {seconds(103), {}, seconds(2)};
  EXPECT_NEAR(*scene.seen().stolen, 0.1, 0.01);
  EXPECT_EQ(scene.seen().server.waiting, 0);  // it is no other program
}

TEST(Contention, WhatIsNotToldStaysOpen) {
  Scene scene;
  scene.before.cores.reset();
  scene.before.server.groups.reset();
  EXPECT_EQ(scene.seen().stolen, std::nullopt);
  EXPECT_EQ(scene.seen().client.waiting, std::nullopt);
  EXPECT_EQ(scene.seen().server.throttled, std::nullopt);
  EXPECT_EQ(scene.seen().client.throttled, 0);
  Scene without_threads;
  without_threads.after.server.threads.reset();
  EXPECT_EQ(without_threads.seen().server.waiting, std::nullopt);
  EXPECT_EQ(without_threads.seen().client.waiting, 0);
}

TEST(Contention, OfSeveralRunsTheWorst) {
  const Contention worst = worst_of({0.1, {0, 0.2}, {0, {}}}, {0, {0.3, 0.1}, {0, 0}});
  EXPECT_EQ(worst.stolen, 0.1);
  EXPECT_EQ(worst.client.throttled, 0.3);
  EXPECT_EQ(worst.client.waiting, 0.2);
  EXPECT_EQ(worst.server.waiting, std::nullopt);
}

// A system's files, as a kernel shows them.
class ContentionFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!core_times()) GTEST_SKIP() << "this system has no such files";
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  std::optional<Duration> throttled(const std::string& group) const {
    const auto times = throttled_times(42, root_.string());
    if (!times || !times->contains((root_ / group).string())) return std::nullopt;
    return times->at((root_ / group).string());
  }

  TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(ContentionFiles, GroupsOfVersion2UpToTheTop) {
  write("proc/self/mountinfo",
        "30 22 0:27 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  write("proc/42/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/cpu.stat", "usage_usec 5\n");
  write("sys/fs/cgroup/a/cpu.stat",
        "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1500\n");
  write("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 5\nnr_throttled 0\nthrottled_usec 0\n");
  EXPECT_EQ(throttled("sys/fs/cgroup"), Duration(0));
  EXPECT_EQ(throttled("sys/fs/cgroup/a"), std::chrono::microseconds(1500));
  EXPECT_EQ(throttled("sys/fs/cgroup/a/b"), Duration(0));
}

// As in a container, where the group that is mounted is not the top of all.
TEST_F(ContentionFiles, GroupsOfVersion1) {
  write("proc/self/mountinfo",
        "29 22 0:27 /docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "31 22 0:28 /docker/x /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
  write("proc/42/cgroup", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x/y\n0::/\n");
  write("sys/fs/cgroup/cpu,cpuacct/cpu.stat",
        "nr_periods 9\nnr_throttled 3\nthrottled_time 2500\n");
  write("sys/fs/cgroup/cpu,cpuacct/y/cpu.stat", "nr_periods 9\nnr_throttled 3\nthrottled_time 7\n");
  EXPECT_EQ(throttled("sys/fs/cgroup/cpu,cpuacct"), Duration(2500));
  EXPECT_EQ(throttled("sys/fs/cgroup/cpu,cpuacct/y"), Duration(7));
}

TEST_F(ContentionFiles, AGroupThatIsOutOfSightIsUnknown) {
  EXPECT_EQ(throttled_times(42, root_.string()), std::nullopt);
  write("proc/self/mountinfo", "30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  write("proc/42/cgroup", "0::/../elsewhere\n");
  EXPECT_EQ(throttled_times(42, root_.string()), std::nullopt);
}

TEST_F(ContentionFiles, CoresByTheirNumber) {
  write("proc/stat",
        "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 40 5 6 7 8 0 0\ncpu12 0 0 0 1 0 0 0 2 0 0\nintr 1\n");
  const auto times = core_times(root_.string());
  ASSERT_TRUE(times);
  ASSERT_EQ(times->size(), 2U);
  EXPECT_EQ(times->at(0).idle, 45 * core_tick());
  EXPECT_EQ(times->at(0).interrupts, 13 * core_tick());
  EXPECT_EQ(times->at(12).stolen, 2 * core_tick());
}

}  // namespace
