// [security], and the digest of a handler's library.
#include "support.h"

namespace asyncd {

namespace {

class ConfigSecurity : public ConfigTest {
 protected:
  static inline const std::string digest =
      "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
};

TEST_F(ConfigSecurity, TheOwnerIsTrustedUnlessAnySourceSaysAny) {
  EXPECT_EQ(loaded(complete_listener).config.trust, Trust::owner);
  EXPECT_EQ(loaded(complete_listener + "[security]\ntrust = \"any\"\n").config.trust, Trust::any);
  set("ASYNCD_SECURITY_TRUST", "any");
  const Loaded config = loaded(complete_listener + "[security]\ntrust = \"owner\"\n");
  EXPECT_EQ(config.config.trust, Trust::any);
  EXPECT_EQ(effective_value(config, "security", "trust"),
            "\"any\" (environment ASYNCD_SECURITY_TRUST)");
  sources.assignments = {"security.trust=owner"};
  EXPECT_EQ(loaded(complete_listener).config.trust, Trust::owner);
}

TEST_F(ConfigSecurity, NothingElseCanBeTrusted) {
  EXPECT_EQ(mistakes(complete_listener + "[security]\ntrust = \"all\"\n"),
            "asyncd.toml:4:9: unknown trust 'all': one of owner, any\n"
            "    4 | trust = \"all\"\n"
            "      |         ^~~~~");
}

TEST_F(ConfigSecurity, LibrariesAreTriedUnlessThatIsSwitchedOff) {
  EXPECT_TRUE(loaded(complete_listener).config.try_libraries);
  EXPECT_FALSE(
      loaded(complete_listener + "[security]\ntry_libraries = false\n").config.try_libraries);
}

TEST_F(ConfigSecurity, ADigestIsSixtyFourDigits) {
  const Loaded config = loaded(complete_listener + "[handler.echo]\nsha256 = \"" + digest + "\"\n");
  const HandlerConfig& handler = config.config.handlers.at("echo");
  EXPECT_EQ(handler.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(handler.sha256_origin.where, "asyncd.toml:4:10");
  EXPECT_TRUE(handler.options.empty());
  EXPECT_EQ(mistakes(complete_listener + "[handler.echo]\nsha256 = \"ba78x\"\n"),
            "asyncd.toml:4:10: sha256: expected 64 hexadecimal digits, as sha256sum prints them, "
            "not 'ba78x'\n"
            "    4 | sha256 = \"ba78x\"\n"
            "      |          ^~~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[handler.echo]\nsha256 = 7\n"),
            "asyncd.toml:4:10: sha256: expected 64 hexadecimal digits in quotes, not an integer\n"
            "    4 | sha256 = 7\n"
            "      |          ^");
  sources.assignments = {"handler.echo.sha256=" + digest + "0"};
  EXPECT_NE(mistakes(complete_listener, ExitCode::usage)
                .find("-o handler.echo.sha256: sha256: expected 64"),
            std::string::npos);
}

}  // namespace

}  // namespace asyncd
