// Which file is read, and what becomes of one that cannot be.
#include "support.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;

class ConfigFiles : public ConfigTest {
 protected:
  // A file whose listener says where it was found.
  void write_named(const std::string& name, const std::string& listener) {
    if (const fs::path folder = fs::path(name).parent_path(); !folder.empty())
      fs::create_directories(folder);
    write("[[listener]]\nhandler = \"echo\"\nname = \"" + listener + "\"\n", name);
  }

  std::string found() {
    const Result<Loaded> result = load();
    return result ? result->config.listeners[0].name : result.error().message;
  }
};

TEST_F(ConfigFiles, TheFlagThenTheVariableThenHereThenTheUsers) {
  for (const char* folder : {"XDG_CONFIG_HOME", "APPDATA"})
    set(folder, fs::absolute("user").string());
  write_named("user/asyncd/asyncd.toml", "of-user");
  EXPECT_EQ(found(), "of-user");
  write_named("asyncd.toml", "here");
  EXPECT_EQ(found(), "here");
  write_named("named.toml", "of-variable");
  set("ASYNCD_CONFIG", "named.toml");
  EXPECT_EQ(found(), "of-variable");
  write_named("flag.toml", "of-flag");
  sources.config_file = "flag.toml";
  EXPECT_EQ(found(), "of-flag");
}

TEST_F(ConfigFiles, FindingCanBeTurnedOff) {
  write_named("asyncd.toml", "here");
  set("ASYNCD_CONFIG", "asyncd.toml");
  sources.find_config = false;
  sources.handler = "echo";
  const Result<Loaded> result = load();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->file, "");
  EXPECT_EQ(result->config.listeners[0].name, "main");
  sources.config_file = "asyncd.toml";
  EXPECT_EQ(found(), "here");
}

TEST_F(ConfigFiles, NeitherFileNorHandler) {
  sources.find_config = false;
  EXPECT_EQ(mistakes(ExitCode::usage),
            "there is no handler, and no configuration file: the shortest command that works is\n"
            "    asyncd --handler=echo");
}

TEST_F(ConfigFiles, AFileWithoutHandlerSaysWhereToAddIt) {
  EXPECT_EQ(mistakes(""),
            "asyncd.toml: it has no [[listener]] and there is no handler: add\n"
            "    [[listener]]\n"
            "    handler = \"echo\"\n"
            "or start with asyncd --handler=echo");
  EXPECT_EQ(mistakes("[[listener]]\nname = \"web\"\n"),
            "asyncd.toml:1:1: listener 'web' has no handler: add for example handler = \"echo\"\n"
            "    1 | [[listener]]\n"
            "      | ^~~~~~~~~~~~");
  sources.needs_handler = false;
  EXPECT_EQ(loaded("").config.listeners.size(), 1U);
}

TEST_F(ConfigFiles, ANamedFileThatIsMissing) {
  sources.config_file = "missing.toml";
  EXPECT_EQ(mistakes(ExitCode::not_found),
            "no configuration file 'missing.toml' (named by --config); 'asyncd config --default' "
            "prints one to start "
            "from");
  sources.config_file.reset();
  set("ASYNCD_CONFIG", "gone.toml");
  EXPECT_EQ(mistakes(ExitCode::not_found),
            "no configuration file 'gone.toml' (named by environment ASYNCD_CONFIG); 'asyncd "
            "config --default' prints "
            "one to start from");
  fs::create_directory("folder");
  sources.config_file = "folder";
  EXPECT_EQ(mistakes(ExitCode::not_found),
            "'folder' (named by --config) is a folder, not a configuration file");
}

TEST_F(ConfigFiles, AFileThatMayNotBeRead) {
  write_named("asyncd.toml", "here");
  fs::permissions("asyncd.toml", fs::perms::none);
  const bool readable = static_cast<bool>(load());
  const std::string message = readable ? "" : mistakes(ExitCode::permission);
  fs::permissions("asyncd.toml", fs::perms::owner_all);  // not every system removes it otherwise
  if (readable) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(message, "cannot read the configuration file 'asyncd.toml': Permission denied");
}

TEST_F(ConfigFiles, AByteOrderMarkAndForeignLineEndsAreFine) {
  const Loaded config = loaded("\xEF\xBB\xBF[[listener]]\r\nhandler = \"echo\"\r\n");
  EXPECT_EQ(config.config.listeners[0].handler, "echo");
  EXPECT_EQ(effective_value(config, "listener.main", "handler"), "\"echo\" (asyncd.toml:2:11)");
}

TEST_F(ConfigFiles, WhatIsNotTextIsRefusedWithItsPlace) {
  EXPECT_EQ(mistakes(std::string("# a\n# b\0c\n", 10)),
            "asyncd.toml:2:4: a NUL byte: this is not a text file\n"
            "    2 | # b\\x00c\n"
            "      |    ^~~~");
  EXPECT_EQ(mistakes("# caf\xC3\xA9 \xE9\n"),
            "asyncd.toml:1:8: a byte that is not UTF-8 (\\xe9): save the file as UTF-8\n"
            "    1 | # caf\xC3\xA9 \\xe9\n"
            "      |        ^~~~");
}

TEST_F(ConfigFiles, OneMebibyteIsTheMost) {
  const std::string head = "[[listener]]\nhandler = \"echo\"\n#";
  EXPECT_EQ(loaded(head + std::string((1 << 20) - head.size(), 'x')).config.listeners.size(), 1U);
  const std::string message = mistakes(head + std::string((1 << 20) - head.size() + 1, 'x'));
  EXPECT_EQ(message.substr(0, message.find('\n')),
            "asyncd.toml:3:1048547: the file is larger than 1MiB, the most that is read");
  EXPECT_LT(message.size(), 500U) << "a long line is cut";
}

TEST_F(ConfigFiles, SixtyFourLevelsAreTheMost) {
  const auto times = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  const std::string too_deep = "more than 64 levels of nesting or dots";
  for (const std::string& text :
       {"a" + times(".a", 20'000) + " = 1\n", "[a" + times(".a", 20'000) + "]\n",
        "a = " + times("[", 20'000) + "\n", "a = " + times("{a=", 20'000) + "\n",
        "a = " + times("{a.a.a=", 22) + "1" + times("}", 22) + "\n",
        "x = '''\n'" + std::string("''\n") + "a" + times(".a", 65) + " = 1\n",
        // Texts that end with quotes of their own, and so begin none.
        "x = [\"\"\"b\"\"\"\"\", " + times("[", 70) + times("]", 70) + "]\n",
        "x = ['''b'''', {a" + times(".a", 70) + " = 1}]\n"}) {
    const std::string message = mistakes(text);
    EXPECT_NE(message.find(too_deep), std::string::npos) << message;
    EXPECT_LT(message.size(), 500U);
  }
  // Not what the limit is about: dots in texts, comments, and one after the other.
  const std::string harmless = complete_listener + "#" + times(".[{", 100) +
                               "\n[handler.echo]\nt = \"" + times("[.\\\"", 100) + "\"\nu = '" +
                               times("{.", 100) + "'\nv = 1.5\n" + times("# \"\n", 100);
  EXPECT_EQ(loaded(harmless).config.handlers.at("echo").options.size(), 3U);
  const std::string still_read = mistakes("a" + times(".a", 63) + " = 1\n" + complete_listener);
  EXPECT_EQ(still_read.find(too_deep), std::string::npos) << still_read;
}

TEST_F(ConfigFiles, ALongLineIsCutAroundTheSpot) {
  const std::string message = mistakes(complete_listener + "[handler.echo]\n" + "[log]\nfile = \"" +
                                       std::string(300, 'x') + "\" oops\n");
  EXPECT_EQ(
      message.substr(message.find('\n')),
      "\n    5 | ..." + std::string(48, 'x') + "\" oops\n      |    " + std::string(50, ' ') + "^");
}

}  // namespace
}  // namespace asyncd
