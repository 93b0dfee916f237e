// What a control group allows, read from trees that are made up: each is one way in which kernels
// and containers show the groups of a process.
#include "core/system/cgroup_linux.h"
#include "core/system/cores.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <string>

namespace asyncd {

namespace {

namespace fs = std::filesystem;

struct Tree {
  std::string name;
  std::map<std::string, std::string> files;
  std::optional<double> cores;
  std::optional<std::uint64_t> memory;
};

// How gtest shows it.
void PrintTo(const Tree& tree, std::ostream* out) { *out << tree.name; }

const std::string unified =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string other_mount = "23 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";

std::string version_1(const std::string& top, const std::string& folder,
                      const std::string& controllers) {
  return "31 23 0:27 " + top + " " + folder + " rw,nosuid shared:9 - cgroup cgroup rw," +
         controllers + "\n";
}

class Cgroup : public testing::TestWithParam<Tree> {
 protected:
  Cgroup() : root_(fs::temp_directory_path() / ("asyncd-cgroup-" + std::to_string(::getpid()))) {
    for (const auto& [name, text] : GetParam().files) {
      fs::create_directories((root_ / name).parent_path());
      std::ofstream(root_ / name) << text;
    }
  }
  ~Cgroup() override { fs::remove_all(root_); }

  const fs::path root_;
};

TEST_P(Cgroup, AllowsTheLeastOnTheWayUp) {
  const CgroupLimits limits = cgroup_limits(root_);
  EXPECT_EQ(limits.cores, GetParam().cores);
  EXPECT_EQ(limits.memory, GetParam().memory);
}

INSTANTIATE_TEST_SUITE_P(
    Trees, Cgroup,
    testing::Values(
        Tree{"no_proc", {}, {}, {}},
        Tree{"no_groups",
             {{"proc/self/mountinfo", other_mount}, {"proc/self/cgroup", "0::/\n"}},
             {},
             {}},
        Tree{"container_of_version_2",
             {{"proc/self/mountinfo", other_mount + unified},
              {"proc/self/cgroup", "0::/\n"},
              {"sys/fs/cgroup/cpu.max", "40000 100000\n"},
              {"sys/fs/cgroup/memory.max", "268435456\n"}},
             0.4,
             268435456},
        Tree{"without_limits",
             {{"proc/self/mountinfo", unified},
              {"proc/self/cgroup", "0::/a\n"},
              {"sys/fs/cgroup/a/cpu.max", "max 100000\n"},
              {"sys/fs/cgroup/a/memory.max", "max\n"}},
             {},
             {}},
        Tree{"a_group_above_has_less",
             {{"proc/self/mountinfo", unified},
              {"proc/self/cgroup", "0::/slice/service\n"},
              {"sys/fs/cgroup/slice/cpu.max", "150000 100000\n"},
              {"sys/fs/cgroup/slice/memory.max", "1000\n"},
              {"sys/fs/cgroup/slice/service/cpu.max", "400000 100000\n"},
              {"sys/fs/cgroup/slice/service/memory.max", "3000\n"}},
             1.5,
             1000},
        Tree{"a_group_above_has_more",
             {{"proc/self/mountinfo", unified},
              {"proc/self/cgroup", "0::/slice/service\n"},
              {"sys/fs/cgroup/slice/cpu.max", "400000 100000\n"},
              {"sys/fs/cgroup/slice/service/cpu.max", "50000\n"}},
             0.5,
             {}},
        Tree{"a_group_elsewhere",
             {{"proc/self/mountinfo", unified},
              {"proc/self/cgroup", "0::/../../other\n"},
              {"sys/fs/cgroup/cpu.max", "200000 100000\n"},
              {"other/cpu.max", "100000 100000\n"}},
             2.0,
             {}},
        Tree{"version_1",
             {{"proc/self/mountinfo", version_1("/", "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct") +
                                          version_1("/", "/sys/fs/cgroup/memory", "memory")},
              {"proc/self/cgroup", "9:memory:/m/n\n4:cpu,cpuacct:/c\n1:name=systemd:/x\n"},
              {"sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us", "250000\n"},
              {"sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us", "100000\n"},
              {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
              {"sys/fs/cgroup/memory/m/memory.limit_in_bytes", "4096\n"},
              {"sys/fs/cgroup/memory/m/n/memory.limit_in_bytes", "9223372036854771712\n"}},
             2.5,
             4096},
        Tree{"version_1_without_limits",
             {{"proc/self/mountinfo", version_1("/", "/sys/fs/cgroup/cpu", "cpu")},
              {"proc/self/cgroup", "4:cpu:/\n"},
              {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
              {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
             {},
             {}},
        Tree{"container_of_version_1_shows_its_own_group_as_the_root",
             {{"proc/self/mountinfo", version_1("/docker/abc", "/sys/fs/cgroup/cpu", "cpu")},
              {"proc/self/cgroup", "4:cpu:/docker/abc\n"},
              {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"},
              {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000\n"},
              {"sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "10000\n"}},
             1.0,
             {}},
        Tree{"both_versions",
             {{"proc/self/mountinfo",
               "40 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n" +
                   version_1("/", "/sys/fs/cgroup/cpu", "cpu")},
              {"proc/self/cgroup", "4:cpu:/a\n0::/b\n"},
              {"sys/fs/cgroup/unified/b/memory.max", "77\n"},
              {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "30000\n"},
              {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "10000\n"}},
             3.0,
             77},
        Tree{"a_mount_with_a_blank_in_its_name",
             {{"proc/self/mountinfo", "30 23 0:26 / /sys/my\\040groups rw - cgroup2 cgroup2 rw\n"},
              {"proc/self/cgroup", "0::/\n"},
              {"sys/my groups/cpu.max", "100000 100000\n"}},
             1.0,
             {}},
        Tree{"nonsense",
             {{"proc/self/mountinfo", "x\n- \n1 2 3 4 5 - cgroup2\n" + unified},
              {"proc/self/cgroup", "\nx\n0:\n0::/\n"},
              {"sys/fs/cgroup/cpu.max", "0 0\n"},
              {"sys/fs/cgroup/memory.max", "much\n"}},
             {},
             {}}),
    [](const auto& info) { return info.param.name; });

struct Share {
  unsigned cores;
  std::optional<double> quota;
  unsigned usable;
  std::string text;
};

class CoreShares : public testing::TestWithParam<Share> {};

TEST_P(CoreShares, TheSmallerCountsRoundedUp) {
  const CoreShare share{GetParam().cores, GetParam().quota};
  EXPECT_EQ(share.usable(), GetParam().usable);
  EXPECT_EQ(share.text(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Some, CoreShares,
                         testing::Values(Share{2, {}, 2, "cores=2"},
                                         Share{2, 0.4, 1, "cores=2 quota=0.4"},
                                         Share{4, 1.5, 2, "cores=4 quota=1.5"},
                                         Share{4, 2.0, 2, "cores=4 quota=2"},
                                         Share{2, 12.75, 2, "cores=2 quota=12.75"},
                                         Share{1, 0.01, 1, "cores=1 quota=0.01"}));

}  // namespace

}  // namespace asyncd
