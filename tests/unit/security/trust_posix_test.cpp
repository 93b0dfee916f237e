// Who may alter a file: the rules for both roles as a table, and the way to a file on a real disk.
#include "core/security/trust_posix.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using Trusted = Verdict::Trusted;

constexpr uid_t root = 0, alice = 4001, mallory = 4002;

struct Rule {
  const char* name;
  mode_t mode;
  uid_t owner;
  Trusted to_root;
  Trusted to_alice;
  const char* why;  // in what either is told
};

class TrustRules : public testing::TestWithParam<Rule> {};

TEST_P(TrustRules, HoldForRootAndForAnotherUser) {
  const Rule& rule = GetParam();
  const Standing standing{.path = "/there", .owner = rule.owner, .group = 50, .mode = rule.mode};
  EXPECT_EQ(judge(standing, root).trusted, rule.to_root);
  EXPECT_EQ(judge(standing, alice).trusted, rule.to_alice);
  for (const uid_t reader : {root, alice}) {
    const Verdict verdict = judge(standing, reader);
    if (verdict.trusted == Trusted::yes)
      EXPECT_EQ(verdict.why, "");
    else
      EXPECT_NE(verdict.why.find(rule.why), std::string::npos) << verdict.why;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TrustRules,
    testing::Values(
        Rule{"file_of_root", S_IFREG | 0644, root, Trusted::yes, Trusted::yes, ""},
        Rule{"file_of_the_reader", S_IFREG | 0644, alice, Trusted::no, Trusted::yes,
             "the file /there belongs to the user 4001 (mode 0644), and asyncd runs as root: chown "
             "root /there"},
        Rule{"file_of_another", S_IFREG | 0444, mallory, Trusted::no, Trusted::no,
             "the file /there belongs to the user 4002 (mode 0444), and asyncd runs as "},
        Rule{"file_of_a_group", S_IFREG | 0664, root, Trusted::no, Trusted::doubtful,
             "(owner root, mode 0664): chmod g-w /there"},
        Rule{"file_of_everybody", S_IFREG | 0646, root, Trusted::no, Trusted::no,
             "the file /there may be written by everybody (owner root, mode 0646): chmod o-w "
             "/there"},
        Rule{"file_of_group_and_everybody", S_IFREG | 0666, root, Trusted::no, Trusted::no,
             "chmod go-w /there"},
        Rule{"sticky_file_of_everybody", S_IFREG | S_ISVTX | 0646, root, Trusted::no, Trusted::no,
             "mode 1646"},
        Rule{"folder_of_root", S_IFDIR | 0755, root, Trusted::yes, Trusted::yes, ""},
        Rule{"folder_of_another", S_IFDIR | 0755, mallory, Trusted::no, Trusted::no,
             "the folder /there belongs to"},
        Rule{"folder_of_a_group", S_IFDIR | 0775, root, Trusted::no, Trusted::doubtful,
             "the folder /there may be written by the group "},
        Rule{"folder_of_everybody", S_IFDIR | 0777, root, Trusted::no, Trusted::no, "by everybody"},
        Rule{"sticky_folder", S_IFDIR | S_ISVTX | 0777, root, Trusted::yes, Trusted::yes, ""},
        Rule{"sticky_folder_of_another", S_IFDIR | S_ISVTX | 0777, mallory, Trusted::no,
             Trusted::no, "mode 1777"},
        Rule{"link_of_root", S_IFLNK | 0777, root, Trusted::yes, Trusted::yes, ""},
        Rule{"link_of_another", S_IFLNK | 0777, mallory, Trusted::no, Trusted::no,
             "the link /there belongs to"}),
    [](const auto& row) { return std::string(row.param.name); });

// What no user can write, because of the mount, is as it should be, with any owner.
TEST(TrustOfMounts, AReadOnlyOneDecides) {
  for (const mode_t mode : {S_IFREG | 0666, S_IFDIR | 0777, S_IFLNK | 0777})
    for (const uid_t owner : {root, alice, mallory})
      EXPECT_EQ(
          judge({.path = "/there", .owner = owner, .mode = mode, .read_only = true}, alice).trusted,
          Trusted::yes);
}

struct Grant {
  const char* name;
  AclWriters acl;
  Trusted to_root;
  Trusted to_alice;
  const char* why;
};

class TrustOfLists : public testing::TestWithParam<Grant> {};

// With a list, the mode's bits of the group are what it grants at most.
TEST_P(TrustOfLists, GoesByThoseWhoMayWrite) {
  const Grant& grant = GetParam();
  const Standing standing{.path = "/there", .group = 50, .mode = S_IFREG | 0664, .acl = grant.acl};
  EXPECT_EQ(judge(standing, root).trusted, grant.to_root);
  EXPECT_EQ(judge(standing, alice).trusted, grant.to_alice);
  EXPECT_NE(judge(standing, root).why.find(grant.why), std::string::npos)
      << judge(standing, root).why;
}

INSTANTIATE_TEST_SUITE_P(
    All, TrustOfLists,
    testing::Values(
        Grant{"no_user", {}, Trusted::yes, Trusted::yes, ""},
        Grant{"root", {.users = {root}}, Trusted::yes, Trusted::yes, ""},
        Grant{"the_reader", {.users = {alice}}, Trusted::no, Trusted::yes, "the user 4001"},
        Grant{"another",
              {.users = {root, mallory}},
              Trusted::no,
              Trusted::no,
              "may be written by the user 4002 (owner root, mode 0664): setfacl -x u:4002 /there"},
        Grant{"a_group",
              {.groups = {4003}},
              Trusted::no,
              Trusted::doubtful,
              "setfacl -x g:4003 /there"},
        Grant{"its_group",
              {.group_of_file = true},
              Trusted::no,
              Trusted::doubtful,
              "chmod g-w /there"},
        Grant{"a_group_and_another",
              {.users = {mallory}, .groups = {4003}},
              Trusted::no,
              Trusted::no,
              "the user 4002"},
        Grant{"everybody", {.others = true}, Trusted::no, Trusted::no, "by everybody"}),
    [](const auto& row) { return std::string(row.param.name); });

class TrustedWay : public testing::Test {
 protected:
  TrustedWay() {
    fs::create_directory(folder / "a");
    fs::create_directory(folder / "a" / "b");
    test::write_file(file, "x");
    for (const fs::path& each : {folder / "a", folder / "a" / "b"}) ::chmod(each.c_str(), 0755);
    ::chmod(file.c_str(), 0644);
  }
  void SetUp() override {
    if (const std::string refused = told(file); !refused.empty())
      GTEST_SKIP() << "the folder for temporary files is itself not to be trusted here: "
                   << refused;
  }

  // A refusal, a warning, or nothing; as this test's user.
  static std::string told(const fs::path& path) {
    const Result<OpenFile> opened = OpenFile::open_source(path);
    if (!opened) return opened.error().message;
    const Result<std::string> checked = check_trust_as(::geteuid(), *opened, path);
    if (checked) return checked->empty() ? "" : "warning: " + *checked;
    EXPECT_EQ(checked.error().code, ExitCode::permission);
    return checked.error().message;
  }

  static void expect_refused(const fs::path& path, const fs::path& because) {
    const std::string refused = told(path);
    EXPECT_TRUE(refused.starts_with("not to be trusted: ")) << refused;
    EXPECT_NE(refused.find(" " + because.string() + " may be written by everybody"),
              std::string::npos)
        << refused;
    EXPECT_NE(refused.find("-o security.trust=any"), std::string::npos) << refused;
  }

  TemporaryFolder folder;
  fs::path file = folder / "a" / "b" / "file";
};

TEST_F(TrustedWay, EachFolderOnItCounts) {
  for (const fs::path& each : {folder / "a", folder / "a" / "b", file}) {
    ::chmod(each.c_str(), 0757);
    expect_refused(file, each);
    ::chmod(each.c_str(), 0755);
    EXPECT_EQ(told(file), "");
  }
  ::chmod((folder / "a").c_str(), 01777);
  EXPECT_EQ(told(file), "") << "sticky, as /tmp is";
}

TEST_F(TrustedWay, AGroupIsAWarningOrForRootARefusal) {
  ::chmod((folder / "a").c_str(), 0775);
  EXPECT_TRUE(told(file).starts_with(::geteuid() == 0 ? "not to be trusted: the folder "
                                                      : "warning: the folder "));
}

TEST_F(TrustedWay, LinksAreFollowedAndWhatTheyComeBy) {
  fs::create_directory(folder / "c");
  ::chmod((folder / "c").c_str(), 0755);
  fs::create_symlink("../a/./b/../b//file", folder / "c" / "relative");
  fs::create_symlink(folder / "c" / "relative", folder / "c" / "absolute");
  fs::create_directory_symlink(folder / "a", folder / "way");
  for (const fs::path& link :
       {folder / "c" / "relative", folder / "c" / "absolute", folder / "way" / "b" / "file"}) {
    EXPECT_EQ(told(link), "");
    ::chmod((folder / "a").c_str(), 0757);
    expect_refused(link, folder / "a");
    ::chmod((folder / "a").c_str(), 0755);
  }
  ::chmod((folder / "c").c_str(), 0757);
  expect_refused(folder / "c" / "absolute", folder / "c");
  EXPECT_EQ(told(file), "");
}

TEST_F(TrustedWay, AFileThatIsReplacedMeanwhileIsRefused) {
  const Result<OpenFile> opened = OpenFile::open(file);
  ASSERT_TRUE(opened);
  test::replace_file(file, "x");
  const Result<std::string> checked = check_trust_as(::geteuid(), *opened, file);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("it is being replaced"), std::string::npos)
      << checked.error().message;
  fs::remove(file);
  EXPECT_FALSE(check_trust_as(::geteuid(), *opened, file));
}

TEST_F(TrustedWay, WhatHasNoNameIsJudgedByItself) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(told("/dev/fd/" + std::to_string(ends[0])), "");
  EXPECT_EQ(told("/dev/null"), "") << "everybody may write it, which alters nothing";
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(TrustedWay, AnyIsNoCheck) {
  ::chmod(file.c_str(), 0666);
  const Result<OpenFile> opened = OpenFile::open(file);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(check_trust(*opened, file, Trust::any));
  EXPECT_FALSE(check_trust(*opened, file, Trust::owner));
}

}  // namespace

}  // namespace asyncd
