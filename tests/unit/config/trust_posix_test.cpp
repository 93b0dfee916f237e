// A configuration file that others may write: it is refused, and cannot vouch for itself.
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

namespace asyncd {

namespace {

class ConfigTrust : public ConfigTest {
 protected:
  void SetUp() override {
    set("ASYNCD_SECURITY_TRUST", "");
    ::chmod(".", 0755);
    give(0644);
    if (const Result<Loaded> safe = load(); !safe)
      GTEST_SKIP() << "the folder for temporary files is itself not to be trusted here: "
                   << safe.error().message;
  }

  void give(mode_t mode) {
    write(complete_listener + "[security]\ntrust = \"any\"\n");
    ::chmod("asyncd.toml", mode);
  }
};

TEST_F(ConfigTrust, WhatEverybodyMayWriteIsRefusedWhateverItSays) {
  give(0646);
  EXPECT_EQ(mistakes(ExitCode::permission).substr(0, 103),
            "the configuration file 'asyncd.toml' is not to be trusted: the file asyncd.toml may "
            "be written by every");
  give(0644);
  ::chmod(".", 0757);
  const std::string folder = std::filesystem::current_path().string();
  EXPECT_NE(
      mistakes(ExitCode::permission).find("the folder " + folder + " may be written by everybody"),
      std::string::npos);
}

TEST_F(ConfigTrust, AFlagOrAVariableVouchesForIt) {
  give(0646);
  set("ASYNCD_SECURITY_TRUST", "any");
  EXPECT_EQ(load()->config.trust, Trust::any);
  sources.assignments = {"security.trust=any", "security.trust=owner"};
  mistakes(ExitCode::permission);
  set("ASYNCD_SECURITY_TRUST", "owner");
  sources.assignments = {"security.trust=any"};
  EXPECT_EQ(load()->config.trust, Trust::any);
}

TEST_F(ConfigTrust, WhatAGroupMayWriteIsAWarningUnlessAsRoot) {
  give(0664);
  if (::geteuid() == 0) {
    EXPECT_NE(mistakes(ExitCode::permission).find("may be written by the group"),
              std::string::npos);
    return;
  }
  const Result<Loaded> result = load();
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->warnings.size(), 1U);
  EXPECT_TRUE(result->warnings[0].starts_with(
      "configuration file 'asyncd.toml': the file asyncd.toml may be written"))
      << result->warnings[0];
}

}  // namespace

}  // namespace asyncd
