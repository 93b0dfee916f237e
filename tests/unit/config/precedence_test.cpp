// Which source wins, and what is said about those that make no sense.
#include "support.h"

using namespace std::chrono_literals;

namespace asyncd {
namespace {

class ConfigPrecedence : public ConfigTest {
 protected:
  void assign(const std::string& assignment) { sources.assignments.push_back(assignment); }
};

TEST_F(ConfigPrecedence, OfAllFiveSourcesOfOneKey) {
  EXPECT_EQ(effective_value(loaded(complete_listener), "listener.main", "backend"),
            "\"proactor\" (default)");
  const std::string file = complete_listener + "backend = \"blocking\"\n";
  EXPECT_EQ(effective_value(loaded(file), "listener.main", "backend"),
            "\"blocking\" (asyncd.toml:3:11)");
  set("ASYNCD_LISTENER_BACKEND", "select");
  EXPECT_EQ(effective_value(loaded(file), "listener.main", "backend"),
            "\"select\" (environment ASYNCD_LISTENER_BACKEND)");
  assign("listener.backend=thread-pool");
  EXPECT_EQ(effective_value(loaded(file), "listener.main", "backend"),
            "\"thread-pool\" (-o listener.backend)");
  sources.backend = "thread-per-connection";
  const Loaded last = loaded(file);
  EXPECT_EQ(effective_value(last, "listener.main", "backend"),
            "\"thread-per-connection\" (flag --backend)");
  EXPECT_EQ(last.config.listeners[0].backend, "thread-per-connection");
}

TEST_F(ConfigPrecedence, EverySectionCanBeAssigned) {
  for (const std::string& assignment : std::initializer_list<std::string>{
           "limits.idle_timeout=5s", "log.level=debug", "log.file=/tmp/a=b", "shutdown.timeout=1s",
           "backend.thread-pool.threads=8", "handler.echo.delay=1s",
           "handler_path=" + path_list("/a", "/b"), "listener.framing=raw"})
    assign(assignment);
  const Config config = loaded(complete_listener).config;
  EXPECT_EQ(config.listeners[0].limits.idle_timeout, 5s);
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.file, "/tmp/a=b");
  EXPECT_EQ(config.shutdown_timeout, 1s);
  EXPECT_EQ(config.backends.at("thread-pool").at("threads"), Value(std::int64_t{8}));
  EXPECT_EQ(config.handlers.at("echo").options.at(0).text, "1s");
  EXPECT_EQ(config.handler_path, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config.listeners[0].framing.kind, FramingKind::raw);
}

TEST_F(ConfigPrecedence, EverySectionHasVariables) {
  set("ASYNCD_LIMITS_IDLE_TIMEOUT", "5s");
  set("ASYNCD_LOG_LEVEL", "debug");
  set("ASYNCD_BACKEND_THREAD_POOL_THREADS", "8");
  set("ASYNCD_LISTENER_ADDRESS", ":9000");
  set("ASYNCD_HANDLER_PATH", path_list("/a", "/b"));
  set("ASYNCD_LOG_FORMAT", "");
  const Loaded result = loaded(complete_listener);
  EXPECT_EQ(result.config.listeners[0].limits.idle_timeout, 5s);
  EXPECT_EQ(result.config.log.level, log::Level::debug);
  EXPECT_EQ(result.config.log.format, LogFormat::text) << "empty counts as not set";
  EXPECT_EQ(result.config.backends.at("thread-pool").at("threads"), Value(std::int64_t{8}));
  EXPECT_EQ(result.config.listeners[0].address, ":9000");
  EXPECT_EQ(result.config.handler_path, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(ConfigPrecedence, OneListenerIsStrongerThanAll) {
  assign("listener.web.idle_timeout=1s");
  assign("listener.idle_timeout=2s");
  set("ASYNCD_LISTENER_WEB_BACKEND", "select");
  set("ASYNCD_LISTENER_BACKEND", "blocking");
  const Config config =
      loaded(complete_listener + "name = \"web\"\n" + complete_listener + "address = \":1\"\n")
          .config;
  EXPECT_EQ(config.listeners[0].limits.idle_timeout, 1s);
  EXPECT_EQ(config.listeners[1].limits.idle_timeout, 2s);
  EXPECT_EQ(config.listeners[0].backend, "select");
  EXPECT_EQ(config.listeners[1].backend, "blocking");
}

TEST_F(ConfigPrecedence, HandlerPathsAddUp) {
  sources.handler_path = {"/flag1", path_list("/flag2", "/flag3")};
  assign("handler_path=/option");
  set("ASYNCD_HANDLER_PATH", "/environment");
  const Loaded result = loaded("handler_path = [\"/file\"]\n" + complete_listener);
  EXPECT_EQ(
      result.config.handler_path,
      (std::vector<std::string>{"/flag1", "/flag2", "/flag3", "/option", "/environment", "/file"}));
  EXPECT_EQ(effective_value(result, "", "handler_path"),
            "[\"/flag1\", \"/flag2\", \"/flag3\", \"/option\", \"/environment\", \"/file\"] (flag "
            "--handler-path, -o "
            "handler_path, environment ASYNCD_HANDLER_PATH, asyncd.toml:1:16)");
}

TEST_F(ConfigPrecedence, VerboseIsAFlagForTheLogLevel) {
  sources.log_level = "trace";
  assign("log.level=warn");
  EXPECT_EQ(effective_value(loaded(complete_listener), "log", "level"),
            "\"trace\" (flag -v or -q)");
}

TEST_F(ConfigPrecedence, AssignmentsThatMakeNoSense) {
  const auto refused = [&](const std::string& assignment) {
    sources.assignments = {assignment};
    return mistakes(complete_listener, ExitCode::usage);
  };
  EXPECT_EQ(refused("limits.idle_timeot=5s"),
            "-o limits.idle_timeot: unknown setting 'limits.idle_timeot'; did you mean "
            "'limits.idle_timeout'?");
  EXPECT_EQ(refused("idle_timeout=5s"),
            "-o idle_timeout: unknown setting 'idle_timeout'; did you mean 'limits.idle_timeout'?");
  EXPECT_EQ(refused("colour=red"),
            "-o colour: unknown setting 'colour'; 'asyncd config' lists them all");
  EXPECT_EQ(refused("log.level"), "-o log.level: no value: write -o log.level=VALUE");
  EXPECT_EQ(refused("limits.idle_timeout=30"),
            "-o limits.idle_timeout: a duration needs a unit: write \"30s\" for seconds, or "
            "\"30ms\" for milliseconds");
  EXPECT_EQ(refused("listener.mian.address=:1"),
            "-o listener.mian.address: there is no listener 'mian'; did you mean 'main'?");
  EXPECT_EQ(refused("listener.main.adress=:1"),
            "-o listener.main.adress: unknown setting 'listener.main.adress'; did you mean "
            "'listener.main.address'?");
  EXPECT_EQ(refused("listener.name=x"),
            "-o listener.name: a listener's name is set in the file only");
  EXPECT_EQ(refused("backend.selct.x=1"),
            "-o backend.selct.x: unknown backend 'selct': one of blocking, thread-per-connection, "
            "thread-pool, select, "
            "proactor; did you mean 'select'?");
  EXPECT_EQ(refused("=5"), "-o : unknown setting ''; 'asyncd config' lists them all");
}

TEST_F(ConfigPrecedence, FlagsAndVariablesWithBadValues) {
  sources.backend = "selct";
  set("ASYNCD_LOG_LEVEL", "loud");
  EXPECT_EQ(
      mistakes(complete_listener + complete_listener + "address = \":1\"\n", ExitCode::usage),
      "environment ASYNCD_LOG_LEVEL: unknown level 'loud': one of trace, debug, info, warn, error\n"
      "\n"
      "flag --backend: unknown backend 'selct': one of blocking, thread-per-connection, "
      "thread-pool, select, "
      "proactor; did you mean 'select'?");
}

TEST_F(ConfigPrecedence, UnknownVariablesAreWarnedOf) {
  set("ASYNCD_LIMITS_IDLE_TIMEOT", "5s");
  set("ASYNCD_HANDLER_SQUARE_FACTOR", "2");
  EXPECT_EQ(loaded(complete_listener).warnings,
            (std::vector<std::string>{"environment ASYNCD_LIMITS_IDLE_TIMEOT: no setting has this "
                                      "name, so it is ignored; did you mean "
                                      "'ASYNCD_LIMITS_IDLE_TIMEOUT'?",
                                      "environment ASYNCD_HANDLER_SQUARE_FACTOR: it belongs to no "
                                      "handler that is in use, so it is ignored"}));
}

}  // namespace
}  // namespace asyncd
