// Listeners: their names, addresses and framing, and what must not be said of two of them.
#include "support.h"

namespace asyncd {
namespace {

class ConfigListeners : public ConfigTest {
 protected:
  ListenerConfig first(const std::string& keys) {
    return loaded(complete_listener + keys).config.listeners.at(0);
  }
};

const std::string two_listeners =
    "[[listener]]\nhandler = \"echo\"\naddress = \":1\"\n[[listener]]\nhandler = \"echo\"\naddress "
    "= \":2\"\n";

TEST_F(ConfigListeners, DefaultsAndNames) {
  const ListenerConfig only = first("");
  EXPECT_EQ(only.name, "main");
  EXPECT_EQ(only.address, "127.0.0.1:8080");
  EXPECT_EQ(only.backend, "proactor");
  EXPECT_EQ(only.framing.kind, FramingKind::line);
  const Config two = loaded(two_listeners).config;
  EXPECT_EQ(two.listeners[1].name, "listener2");
  EXPECT_EQ(two.listeners[1].address, ":2");
}

TEST_F(ConfigListeners, EveryFraming) {
  EXPECT_EQ(first("framing = \"raw\"\n").framing.kind, FramingKind::raw);
  EXPECT_EQ(first("framing = \"handler\"\n").framing.kind, FramingKind::handler);
  const Framing fixed = first("framing = \"fixed\"\nmessage_size = \"1KiB\"\n").framing;
  EXPECT_EQ(fixed.kind, FramingKind::fixed);
  EXPECT_EQ(fixed.message_size, 1024U);
  const Framing plain = first("framing = \"length\"\n").framing;
  EXPECT_EQ(plain.kind, FramingKind::length);
  EXPECT_EQ(plain.prefix_size, 4U);
  EXPECT_EQ(plain.prefix_order, ByteOrder::big);
  const Framing little =
      first("framing = \"length\"\nprefix_size = 2\nprefix_order = \"little\"\n").framing;
  EXPECT_EQ(little.prefix_size, 2U);
  EXPECT_EQ(little.prefix_order, ByteOrder::little);
}

TEST_F(ConfigListeners, FramingOptionsThatDoNotFit) {
  EXPECT_EQ(mistakes(complete_listener + "framing = \"fixed\"\n"),
            "asyncd.toml:3:11: framing \"fixed\" needs the size of a message: add for example "
            "message_size = 16\n"
            "    3 | framing = \"fixed\"\n"
            "      |           ^~~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "framing = \"length\"\nprefix_size = 3\n"),
            "asyncd.toml:4:15: prefix_size: a prefix has 1, 2, 4 or 8 bytes, not 3\n"
            "    4 | prefix_size = 3\n"
            "      |               ^");
  EXPECT_EQ(mistakes(complete_listener + "prefix_order = \"big\"\n"),
            "asyncd.toml:3:1: prefix_order is of framing \"length\", but listener 'main' has "
            "framing \"line\"\n"
            "    3 | prefix_order = \"big\"\n"
            "      | ^~~~~~~~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "framing = \"raw\"\nmessage_size = 16\n"),
            "asyncd.toml:4:1: message_size is of framing \"fixed\", but listener 'main' has "
            "framing \"raw\"\n"
            "    4 | message_size = 16\n"
            "      | ^~~~~~~~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "framing = \"fixed\"\nmessage_size = \"2MiB\"\n"),
            "asyncd.toml:4:16: message_size (2MiB) must not be more than max_message (1MiB)\n"
            "    4 | message_size = \"2MiB\"\n"
            "      |                ^~~~~~");
}

TEST_F(ConfigListeners, AFlagForAnotherFramingLeavesTheFilesOptionsBehind) {
  sources.framing = "raw";
  EXPECT_EQ(first("framing = \"fixed\"\nmessage_size = 16\n").framing.kind, FramingKind::raw);
  sources.assignments = {"listener.message_size=16"};
  sources.framing = "fixed";
  EXPECT_EQ(first("").framing.message_size, 16U);
}

TEST_F(ConfigListeners, TwoMayNotShareANameOrAnAddress) {
  EXPECT_EQ(mistakes(two_listeners + "name = \"main\"\n"),
            "asyncd.toml:7:8: another listener has the name 'main' already\n"
            "    7 | name = \"main\"\n"
            "      |        ^~~~~~");
  EXPECT_EQ(
      mistakes(complete_listener + complete_listener),
      "asyncd.toml:3:1: listener 'listener2' has the address of listener 'main': 127.0.0.1:8080\n"
      "    3 | [[listener]]\n"
      "      | ^~~~~~~~~~~~");
  const std::string any_port = "address = \"127.0.0.1:0\"\n";
  EXPECT_EQ(
      loaded(complete_listener + any_port + complete_listener + any_port).config.listeners.size(),
      2U);
}

TEST_F(ConfigListeners, NamesAndAddressesAreNotEmpty) {
  EXPECT_EQ(mistakes(complete_listener + "name = \"a.b\"\n"),
            "asyncd.toml:3:8: name: a listener's name has 1 to 64 letters, digits, '-' or '_', "
            "unlike 'a.b'\n"
            "    3 | name = \"a.b\"\n"
            "      |        ^~~~~");
  EXPECT_EQ(mistakes(complete_listener + "address = \"\"\n"),
            "asyncd.toml:3:11: bad address '': the port is missing; expected host:port, [::]:port, "
            ":port or unix:/path\n"
            "    3 | address = \"\"\n"
            "      |           ^~");
}

TEST_F(ConfigListeners, ListenMakesACopyForEachAddress) {
  sources.listen = {":1", ":2", ":3"};
  const Config config =
      loaded(complete_listener + "name = \"web\"\nframing = \"raw\"\nidle_timeout = \"1s\"\n")
          .config;
  ASSERT_EQ(config.listeners.size(), 3U);
  EXPECT_EQ(config.listeners[0].name, "web");
  EXPECT_EQ(config.listeners[1].name, "listener2");
  EXPECT_EQ(config.listeners[2].name, "listener3");
  EXPECT_EQ(config.listeners[2].address, ":3");
  EXPECT_EQ(config.listeners[2].framing.kind, FramingKind::raw);
  EXPECT_EQ(config.listeners[2].limits.idle_timeout, std::chrono::seconds(1));
}

TEST_F(ConfigListeners, ListenIsRefusedForSeveral) {
  sources.listen = {":9000"};
  EXPECT_EQ(mistakes(two_listeners, ExitCode::usage),
            "flag --listen: asyncd.toml has 2 listeners: say which one, as in -o "
            "listener.main.address=:9000");
}

TEST_F(ConfigListeners, NoFileIsNeededForOne) {
  sources.find_config = false;
  sources.handler = "square";
  sources.listen = {":0", ":0"};
  const Result<Loaded> result = load();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->config.listeners.size(), 2U);
  EXPECT_EQ(result->config.listeners[1].handler, "square");
  EXPECT_EQ(result->config.listeners[1].address, ":0");
}

}  // namespace
}  // namespace asyncd
