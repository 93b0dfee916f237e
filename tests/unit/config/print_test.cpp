// `asyncd config`: what is printed is read back to the same configuration.
#include "core/config/print.h"

#include "support.h"

namespace asyncd {
namespace {

class ConfigPrint : public ConfigTest {
 protected:
  // Section, key and text of each value, but not where it came from.
  static std::string values(const Loaded& loaded) {
    std::string out;
    for (const EffectiveValue& value : loaded.values)
      out += value.section + " " + value.key + " " + value.text + "\n";
    return out;
  }
};

TEST_F(ConfigPrint, TheDefaultsAreReadBackToTheDefaults) {
  const std::string text = defaults_toml(test_schema());
  const std::string of_nothing = values(loaded(complete_listener));
  EXPECT_EQ(values(loaded(text)), of_nothing);
  // Each key has its words above it.
  EXPECT_NE(
      text.find("\n# between one message and the next (\"1ms\" to \"8760h\", or \"unlimited\")\n"
                "idle_timeout = \"1m\"\n"),
      std::string::npos)
      << text;
}

TEST_F(ConfigPrint, ADefaultThatIsThisMachinesIsNotPrinted) {
  const Setting threads[] = {{.key = "threads",
                              .type = SettingType::count,
                              .fallback = "2",
                              .doc = "one per core",
                              .least = 1,
                              .varies = "cores=3"}};
  const BackendSchema backends[] = {{"proactor", threads}};
  const std::string text = defaults_toml({backends, "proactor"});
  EXPECT_NE(text.find("[backend.proactor]\n# one per core\n# threads =\n"), std::string::npos)
      << text;
  EXPECT_NE(defaults_json({backends, "proactor"}).find("\"key\": \"threads\", \"default\": null"),
            std::string::npos);
}

const std::string full_config = R"(handler_path = ["/a", "/b \"c\""]
[log]
level = "debug"
file = "/tmp/x \\ y"
[limits]
messages_per_connection = 5
idle_timeout = "unlimited"
[[listener]]
name = "one"
handler = "echo"
framing = "fixed"
message_size = 16
max_message = "2KiB"
[[listener]]
address = "[::]:0"
backend = "thread-pool"
handler = "./x/liby.so"
framing = "length"
prefix_size = 8
prefix_order = "little"
[backend.thread-pool]
threads = 3
[handler.echo]
delay = "1s"
count = 007
ratio = 1.50
trim = true
tab = "x\ty"
"a key" = 1
since = 2020-01-02
[handler."odd name"]
library = "z"
)";

TEST_F(ConfigPrint, WhatIsPrintedIsReadBackToTheSame) {
  std::string text = full_config;
  text.replace(text.find("007"), 3, "\"007\"");
  sources.assignments = {"handler.echo.word=x y", "handler.echo.number=12",
                         "handler.echo.zeros=012"};
  const Loaded first = loaded(text);
  const std::string printed = to_toml(first, false);
  sources.assignments.clear();
  EXPECT_EQ(values(loaded(printed)), values(first)) << printed;
  EXPECT_EQ(values(loaded(to_toml(first, true))), values(first)) << "with origins";
}

TEST_F(ConfigPrint, OriginsStandBehind) {
  sources.assignments = {"log.level=warn"};
  const std::string printed =
      to_toml(loaded("[log]\nformat = \"json\"\n" + complete_listener), true);
  const std::string begin = printed.substr(0, printed.find("\n\n[limits]"));
  EXPECT_EQ(begin,
            "handler_path = []  # default\n"
            "\n"
            "[log]\n"
            "level = \"warn\"  # -o log.level\n"
            "format = \"json\"  # asyncd.toml:2:10\n"
            "file = \"\"  # default");
}

TEST_F(ConfigPrint, AListenerWithoutHandlerIsPrintedSo) {
  sources.needs_handler = false;
  const std::string printed = to_toml(loaded(""), false);
  EXPECT_NE(printed.find("\n# handler = \"\"\n"), std::string::npos) << printed;
  EXPECT_EQ(values(loaded(printed)), values(loaded("")));
}

TEST_F(ConfigPrint, JsonHasARowForEachSetting) {
  const std::string json =
      to_json(loaded(complete_listener + "[handler.echo]\nsince = 2020-01-02\nn = 5\n"));
  EXPECT_TRUE(json.starts_with(
      "{\n  \"file\": \"asyncd.toml\",\n  \"warnings\": [],\n  \"settings\": [\n"
      "    {\"section\": \"\", \"key\": \"handler_path\", \"value\": [], \"origin\": "
      "\"default\", \"doc\": \"folders that are searched for handlers\"},\n"))
      << json;
  EXPECT_NE(json.find("\"key\": \"since\", \"value\": \"2020-01-02\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"key\": \"n\", \"value\": 5"), std::string::npos) << json;
  EXPECT_TRUE(json.ends_with("}\n  ]\n}\n"));
  EXPECT_NE(defaults_json(test_schema()).find("\"key\": \"message_size\", \"default\": null"),
            std::string::npos);
}

}  // namespace
}  // namespace asyncd
