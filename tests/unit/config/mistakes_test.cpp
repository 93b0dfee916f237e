// Every kind of mistake in a file, with the exact words that a user reads.
#include "support.h"

namespace asyncd {
namespace {

class ConfigMistakes : public ConfigTest {
 protected:
  // One mistake on line 3, below a complete listener.
  std::string third_line(const std::string& line) {
    return mistakes(complete_listener + line + "\n");
  }
};

TEST_F(ConfigMistakes, UnknownKey) {
  EXPECT_EQ(mistakes(complete_listener + "[limits]\nidle_timeot = \"5s\"\n"),
            "asyncd.toml:4:1: unknown key 'idle_timeot' in [limits]; did you mean 'idle_timeout'?\n"
            "    4 | idle_timeot = \"5s\"\n"
            "      | ^~~~~~~~~~~");
  EXPECT_EQ(third_line("adress = \":80\""),
            "asyncd.toml:3:1: unknown key 'adress' in [[listener]]; did you mean 'address'?\n"
            "    3 | adress = \":80\"\n"
            "      | ^~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[log]\n\tcolour = true\n"),
            "asyncd.toml:4:2: unknown key 'colour' in [log]; it has level, format, file\n"
            "    4 |     colour = true\n"
            "      |     ^~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[backend.select]\nthreads = 4\n"),
            "asyncd.toml:4:1: unknown key 'threads' in [backend.select], which has none\n"
            "    4 | threads = 4\n"
            "      | ^~~~~~~");
}

TEST_F(ConfigMistakes, UnknownTable) {
  EXPECT_EQ(mistakes(complete_listener + "[limit]\nidle_timeout = \"5s\"\n"),
            "asyncd.toml:3:2: unknown table 'limit'; did you mean 'limits'?\n"
            "    3 | [limit]\n"
            "      |  ^~~~~");
  EXPECT_EQ(
      mistakes("idle_timeout = \"5s\"\n" + complete_listener),
      "asyncd.toml:1:1: unknown key 'idle_timeout' outside of any table; it belongs in [limits]\n"
      "    1 | idle_timeout = \"5s\"\n"
      "      | ^~~~~~~~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[backend.thread-pol]\nthreads = 4\n"),
            "asyncd.toml:3:10: unknown backend 'thread-pol': one of blocking, "
            "thread-per-connection, thread-pool, "
            "select, proactor; did you mean 'thread-pool'?\n"
            "    3 | [backend.thread-pol]\n"
            "      |          ^~~~~~~~~~");
}

TEST_F(ConfigMistakes, WrongShape) {
  EXPECT_EQ(mistakes("[listener]\nhandler = \"echo\"\n"),
            "asyncd.toml: it has no [[listener]] and there is no handler: add\n"
            "    [[listener]]\n"
            "    handler = \"echo\"\n"
            "or start with asyncd --handler=echo\n"
            "\n"
            "asyncd.toml:1:2: a listener is written [[listener]], with two brackets on each side\n"
            "    1 | [listener]\n"
            "      |  ^~~~~~~~");
  EXPECT_EQ(mistakes("log = \"debug\"\n" + complete_listener),
            "asyncd.toml:1:1: 'log' is a table: write [log] and its keys below it\n"
            "    1 | log = \"debug\"\n"
            "      | ^~~");
  EXPECT_EQ(mistakes(complete_listener + "[backend]\nthreads = 4\n"),
            "asyncd.toml:4:1: 'threads' must stand below a header [backend.NAME]\n"
            "    4 | threads = 4\n"
            "      | ^~~~~~~");
}

TEST_F(ConfigMistakes, WrongType) {
  EXPECT_EQ(third_line("address = 8080"),
            "asyncd.toml:3:11: address: expected text in quotes, not an integer\n"
            "    3 | address = 8080\n"
            "      |           ^~~~");
  EXPECT_EQ(third_line("idle_timeout = 1.5"),
            "asyncd.toml:3:16: idle_timeout: expected a duration such as \"500ms\", \"30s\" or "
            "\"5m\", not a fraction\n"
            "    3 | idle_timeout = 1.5\n"
            "      |                ^~~");
  EXPECT_EQ(third_line("max_message = true"),
            "asyncd.toml:3:15: max_message: expected a size such as 65536, \"64KiB\" or \"1MiB\", "
            "not true or false\n"
            "    3 | max_message = true\n"
            "      |               ^~~~");
  EXPECT_EQ(
      third_line("framing = [\"line\"]"),
      "asyncd.toml:3:11: framing: expected one of line, raw, fixed, length, handler, not an array\n"
      "    3 | framing = [\"line\"]\n"
      "      |           ^~~~~~~~");
  EXPECT_EQ(mistakes("handler_path = \"/opt\"\n" + complete_listener),
            "asyncd.toml:1:16: handler_path: expected an array of folders such as "
            "[\"/opt/handlers\"], not text\n"
            "    1 | handler_path = \"/opt\"\n"
            "      |                ^~~~~~");
  EXPECT_EQ(
      mistakes(complete_listener + "[handler.echo]\nlibrary = 1\nwords = [\"a\"]\n"),
      "asyncd.toml:4:11: library: expected the path of a library in quotes, not an integer\n"
      "    4 | library = 1\n"
      "      |           ^\n"
      "\n"
      "asyncd.toml:5:9: words: expected text in quotes, a number, true or false, not an array\n"
      "    5 | words = [\"a\"]\n"
      "      |         ^~~~~");
}

TEST_F(ConfigMistakes, BadValue) {
  EXPECT_EQ(third_line("idle_timeout = 30"),
            "asyncd.toml:3:16: idle_timeout: a duration needs a unit: write \"30s\" for seconds, "
            "or \"30ms\" for "
            "milliseconds\n"
            "    3 | idle_timeout = 30\n"
            "      |                ^~");
  EXPECT_EQ(third_line("idle_timeout = \"soon\""),
            "asyncd.toml:3:16: idle_timeout: expected a duration such as \"500ms\", \"30s\" or "
            "\"5m\", not 'soon'\n"
            "    3 | idle_timeout = \"soon\"\n"
            "      |                ^~~~~~");
  EXPECT_EQ(third_line("max_message = \"64k\""),
            "asyncd.toml:3:15: max_message: expected a size such as 65536, \"64KiB\" or \"1MiB\", "
            "not '64k'; did you mean "
            "\"64KiB\"?\n"
            "    3 | max_message = \"64k\"\n"
            "      |               ^~~~~");
  EXPECT_EQ(
      third_line("max_connections = -1"),
      "asyncd.toml:3:19: max_connections: expected a count such as 1000 or \"10k\", not '-1'\n"
      "    3 | max_connections = -1\n"
      "      |                   ^~");
  EXPECT_EQ(third_line("backend = \"selct\""),
            "asyncd.toml:3:11: unknown backend 'selct': one of blocking, thread-per-connection, "
            "thread-pool, select, "
            "proactor; did you mean 'select'?\n"
            "    3 | backend = \"selct\"\n"
            "      |           ^~~~~~~");
  EXPECT_EQ(third_line("framing = \"lines\""),
            "asyncd.toml:3:11: unknown framing 'lines': one of line, raw, fixed, length, handler; "
            "did you mean 'line'?\n"
            "    3 | framing = \"lines\"\n"
            "      |           ^~~~~~~");
}

TEST_F(ConfigMistakes, OutOfBounds) {
  EXPECT_EQ(third_line("max_message = 0"),
            "asyncd.toml:3:15: max_message: 0 is not allowed: at least 1B\n"
            "    3 | max_message = 0\n"
            "      |               ^");
  EXPECT_EQ(third_line("idle_timeout = \"0s\""),
            "asyncd.toml:3:16: idle_timeout: 0 is not allowed: at least 1ms; for no limit write "
            "\"unlimited\"\n"
            "    3 | idle_timeout = \"0s\"\n"
            "      |                ^~~~");
  EXPECT_EQ(third_line("max_reply = \"2GiB\""),
            "asyncd.toml:3:13: max_reply: 2GiB is too much: at most 1GiB\n"
            "    3 | max_reply = \"2GiB\"\n"
            "      |             ^~~~~~");
  EXPECT_EQ(third_line("input_buffer = \"1000B\""),
            "asyncd.toml:3:16: input_buffer: 1000B is too little: at least 1KiB\n"
            "    3 | input_buffer = \"1000B\"\n"
            "      |                ^~~~~~~");
  EXPECT_EQ(third_line("max_message = \"unlimited\""),
            "asyncd.toml:3:15: max_message: \"unlimited\" is not allowed here: at most 1GiB\n"
            "    3 | max_message = \"unlimited\"\n"
            "      |               ^~~~~~~~~~~");
}

TEST_F(ConfigMistakes, DuplicateKeyOrTable) {
  EXPECT_EQ(third_line("idle_timeout = \"1s\"\n  idle_timeout = \"2s\""),
            "asyncd.toml:4:3: duplicate key 'idle_timeout': it is already on line 3\n"
            "    4 |   idle_timeout = \"2s\"\n"
            "      |   ^~~~~~~~~~~~");
  EXPECT_EQ(mistakes("[log]\nlevel = \"info\"\n[log]\nformat = \"json\"\n"),
            "asyncd.toml:3:1: duplicate table [log]: it is already on line 1\n"
            "    3 | [log]\n"
            "      | ^~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[listener]\n"),
            "asyncd.toml:3:1: 'listener' is already something else than this table\n"
            "    3 | [listener]\n"
            "      | ^~~~~~~~~~");
}

TEST_F(ConfigMistakes, DuplicateKeyInQuotes) {
  EXPECT_EQ(mistakes("[handler.x]\n\"a b\" = 1\n\"a b\" = 2\n"),
            "asyncd.toml:3:1: duplicate key '\"a b\"': it is already on line 2\n"
            "    3 | \"a b\" = 2\n"
            "      | ^~~~~");
  EXPECT_EQ(mistakes("[handler]\nx = {\"a\" = 1, \"a\" = 2}\n"),
            "asyncd.toml:2:21: duplicate key\n"
            "    2 | x = {\"a\" = 1, \"a\" = 2}\n"
            "      |                     ^");
  EXPECT_EQ(mistakes("[handler]\n\"a\" = 1\n[handler.\"a\"]\n"),
            "asyncd.toml:3:1: 'handler.\"a\"' is already something else than this table\n"
            "    3 | [handler.\"a\"]\n"
            "      | ^~~~~~~~~~~~~");
}

TEST_F(ConfigMistakes, NotToml) {
  EXPECT_EQ(third_line("idle_timeout = 30s  # half a minute"),
            "asyncd.toml:3:16: text must stand in quotes: write \"30s\"\n"
            "    3 | idle_timeout = 30s  # half a minute\n"
            "      |                ^~~");
  EXPECT_EQ(third_line("framing = line"),
            "asyncd.toml:3:11: text must stand in quotes: write \"line\"\n"
            "    3 | framing = line\n"
            "      |           ^~~~");
  EXPECT_EQ(mistakes("[handler.x]\ntrim = True\n"),
            "asyncd.toml:2:8: write true in lower case\n"
            "    2 | trim = True\n"
            "      |        ^~~~");
  EXPECT_EQ(third_line("[limits"),
            "asyncd.toml:3:8: not valid TOML: parsing table header: expected ']', saw '\\n'\n"
            "    3 | [limits\n"
            "      |        ^");
  EXPECT_EQ(third_line("address = \"127.0.0.1"),
            "asyncd.toml:3:21: the closing quote is missing\n"
            "    3 | address = \"127.0.0.1\n"
            "      |                     ^");
}

TEST_F(ConfigMistakes, AColumnIsACharacter) {
  EXPECT_EQ(mistakes("[handler.x]\n\"\xC3\xA9\xC3\xA9\" = info\n"),
            "asyncd.toml:2:8: text must stand in quotes: write \"info\"\n"
            "    2 | \"\xC3\xA9\xC3\xA9\" = info\n"
            "      |        ^~~~");
  EXPECT_EQ(mistakes("[handler.x]\n\"\xC3\xA9\" = 1\n\"\xC3\xA9\" = 2\n"),
            "asyncd.toml:3:1: duplicate key '\"\xC3\xA9\"': it is already on line 2\n"
            "    3 | \"\xC3\xA9\" = 2\n"
            "      | ^~~");
}

TEST_F(ConfigMistakes, ALetterWhereNoneMayBe) {
  EXPECT_EQ(mistakes("[handler.x]\n\xC3\xA9 = 1\n"),
            "asyncd.toml:2:1: not valid TOML: parsing root table: expected keys, tables, "
            "whitespace or comments, saw "
            "'\xC3\xA9'\n"
            "    2 | \xC3\xA9 = 1\n"
            "      | ^");
  EXPECT_EQ(mistakes("[handler.x]\na = \"\"\"\\\n  \xC3\xA9\"\"\" \xC3\xA9\n"),
            "asyncd.toml:3:8: not valid TOML: parsing key-value pair: expected a comment or "
            "whitespace, saw "
            "'\xC3\xA9'\n"
            "    3 |   \xC3\xA9\"\"\" \xC3\xA9\n"
            "      |        ^");
}

TEST_F(ConfigMistakes, AKeyActsOnNoTerminal) {
  const std::string message = mistakes("a = {b = 1}\n[a.\"\xC2\x9B\"]\n");
  EXPECT_TRUE(
      message.starts_with("asyncd.toml:2:8: not valid TOML: parsing table header: cannot insert"))
      << message;
  EXPECT_NE(message.find("\\xc2\\x9b"), std::string::npos) << message;
  EXPECT_EQ(message.find('\x9B'), std::string::npos) << message;
}

TEST_F(ConfigMistakes, TheEndOfTheFileIsOnItsLastLine) {
  EXPECT_EQ(mistakes("[handler.x]\na.\"\n"),
            "asyncd.toml:2:4: not valid TOML: parsing string: encountered end-of-file\n"
            "    2 | a.\"\n"
            "      |    ^");
}

TEST_F(ConfigMistakes, AHeaderThatBeginsLikeAValue) {
  EXPECT_EQ(mistakes("[{limits]\n"),
            "asyncd.toml:1:2: not valid TOML: parsing key: expected bare key starting character or "
            "string delimiter, saw "
            "'{'\n"
            "    1 | [{limits]\n"
            "      |  ^");
}

TEST_F(ConfigMistakes, AllAtOnceFromTheTopToTheEnd) {
  sources.assignments = {"limits.idle_timeot=5s"};
  EXPECT_EQ(mistakes("colour = true\n" + complete_listener +
                         "framing = \"lime\"\n[limits]\nmax_message = 0\n",
                     ExitCode::usage),
            "-o limits.idle_timeot: unknown setting 'limits.idle_timeot'; did you mean "
            "'limits.idle_timeout'?\n"
            "\n"
            "asyncd.toml:1:1: unknown key 'colour' outside of any table\n"
            "    1 | colour = true\n"
            "      | ^~~~~~\n"
            "\n"
            "asyncd.toml:4:11: unknown framing 'lime': one of line, raw, fixed, length, handler; "
            "did you mean 'line'?\n"
            "    4 | framing = \"lime\"\n"
            "      |           ^~~~~~\n"
            "\n"
            "asyncd.toml:6:15: max_message: 0 is not allowed: at least 1B\n"
            "    6 | max_message = 0\n"
            "      |               ^");
}

}  // namespace
}  // namespace asyncd
