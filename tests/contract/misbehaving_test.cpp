// A handler that breaks the rules costs no more than the connection that it does so on, whatever
// the backend: others are served all the while, the books balance, and the server ends as it
// should.
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

// What its client meets: after `served` it is served on, after `failed` it reads so, and then a
// clean end.
enum class Cost { served, failed, unsafe };

struct Misdeed {
  const char* name;
  // in builds that do not check handlers; `unsafe`: memory is spoilt, so nothing can be promised
  Cost cost;
  Cost checked_cost;             // in those that do
  const char* before = nullptr;  // a message that goes first, and is served
};

constexpr Misdeed misdeeds[] = {
    {"throw", Cost::failed, Cost::failed},
    {"throw a number", Cost::failed, Cost::failed},
    {"throw for want of memory", Cost::failed, Cost::failed},
    {"garbage", Cost::failed, Cost::failed},
    {"garbage below zero", Cost::failed, Cost::failed},
    {"pending", Cost::failed, Cost::failed},
    {"more than the window", Cost::failed, Cost::failed},
    {"below zero", Cost::failed, Cost::failed},
    {"over the limit", Cost::failed, Cost::failed},
    {"another window", Cost::failed, Cost::failed},
    {"a larger window", Cost::failed, Cost::failed},
    {"unknown flags", Cost::served, Cost::failed},
    {"another worker", Cost::served, Cost::failed},
    {"the message", Cost::served, Cost::failed},
    {"a nul behind the message", Cost::served, Cost::failed},
    {"no call", Cost::served, Cost::failed},
    {"no text", Cost::served, Cost::failed},
    {"a text below zero", Cost::served, Cost::failed},
    {"no level", Cost::served, Cost::failed},
    {"another thread", Cost::served, Cost::failed},
    {"behind the window", Cost::unsafe, Cost::failed},
    {"before the window", Cost::unsafe, Cost::failed},
    {"the window before", Cost::unsafe, Cost::failed},
    {"use what was kept", Cost::unsafe, Cost::failed, "keep"},
    {"write to the kept window", Cost::unsafe, Cost::failed, "keep"},
    {"write to the kept message", Cost::unsafe, Cost::failed, "keep"},
    {"itself", Cost::served, Cost::served},
    {"too large a window", Cost::served, Cost::served},
    {"many lines", Cost::served, Cost::served},
    {"a long line", Cost::served, Cost::served},
    {"leave something behind", Cost::served, Cost::served},
};

Cost cost_of(const Misdeed& misdeed) {
  return checks_handlers() ? misdeed.checked_cost : misdeed.cost;
}

class MisbehavingTest : public BackendTest {
 protected:
  ServerSetup misbehaving(const std::string& hook = "", const std::string& how = "") const {
    ServerSetup result = setup("misbehaving");
    result.handler_library = ASYNCD_TEST_MISBEHAVING;
    result.handler_options = {{.key = "hook", .text = hook}, {.key = "how", .text = how}};
    return result;
  }

  bool is_concurrent() const { return find_backend(GetParam())->concurrent; }
};

std::uint64_t failed_in(const TestServer& server) {
  return server.stats().closed[static_cast<std::size_t>(CloseReason::handler_failed)];
}

std::string talk(const TestServer& server, const std::string& input) {
  Client client(server.port());
  client.send(input);
  client.end_output();
  return client.read_to_end();
}

void expect_cost(const TestServer& server, const Misdeed& misdeed) {
  const std::string before = misdeed.before == nullptr ? "" : std::string(misdeed.before) + "\n";
  const std::string rest =
      cost_of(misdeed) == Cost::served ? "served\nafterwards\n" : "error: handler failed\n";
  EXPECT_EQ(talk(server, before + misdeed.name + "\nafterwards\n"),
            (before.empty() ? "" : "served\n") + rest);
}

// Of a hook besides message, for each client.
struct HookDeed {
  const char* hook;
  const char* how;
  std::string answer;
  CloseReason reason = CloseReason::handler_failed;
};

const std::string failed = "error: handler failed";
const std::string unusable = "error: the handler cannot be used";
const std::string echoed = "any";

std::vector<HookDeed> hook_deeds() {
  std::vector<HookDeed> deeds = {
      {"worker_create", "refuse", unusable, CloseReason::none},
      {"connection_open", "refuse", failed},
      {"frame", "refuse", "error: malformed message", CloseReason::message_malformed},
      {"frame", "more than there is", failed},
      {"frame", "far more than there is", failed},
      {"frame", "a message beyond its frame", failed},
      {"frame", "a message far beyond its frame", failed},
      {"frame", "never", "error: incomplete message (3 bytes)", CloseReason::message_incomplete},
  };
  for (const char* how : {"throw", "throw a number"}) {
    deeds.push_back({"worker_create", how, unusable, CloseReason::none});
    for (const char* hook : {"connection_open", "frame"}) deeds.push_back({hook, how, failed});
    for (const char* hook : {"connection_close", "worker_destroy", "destroy"})
      deeds.push_back({hook, how, echoed, CloseReason::client_closed});
  }
  if (checks_handlers()) {
    deeds.push_back({"frame", "write", failed});
    deeds.push_back({"frame", "less than there is", failed});
  } else {
    deeds.push_back({"frame", "write", "xny", CloseReason::client_closed});
    deeds.push_back({"frame", "less than there is", "error: incomplete message (3 of 1 bytes)",
                     CloseReason::message_incomplete});
  }
  return deeds;
}

}  // namespace

TEST_P(MisbehavingTest, AMessageCostsNoMoreThanItsConnection) {
  for (const char* handler : {"misbehaving", "misbehaving-serially"}) {
    ServerSetup wanted = misbehaving();
    wanted.handler = handler;
    TestServer server(wanted);
    std::unique_ptr<Client> bystander;
    if (is_concurrent()) bystander = std::make_unique<Client>(server.port());
    std::uint64_t failures = 0;
    for (const Misdeed& misdeed : misdeeds) {
      SCOPED_TRACE(misdeed.name);
      const Cost cost = cost_of(misdeed);
      if (cost == Cost::unsafe) continue;
      failures += cost == Cost::failed ? 1 : 0;
      expect_cost(server, misdeed);
      if (bystander == nullptr) continue;
      bystander->send("still here\n");
      EXPECT_EQ(bystander->read(11), "still here\n");
    }
    bystander.reset();
    EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
    EXPECT_EQ(failed_in(server), failures);
  }
}

// All of it at once, and again and again.
TEST_P(MisbehavingTest, ManyMisdeedsAtATimeCostNobodyElseAnything) {
  if (!is_concurrent()) GTEST_SKIP() << GetParam() << " serves one client at a time";
  TestServer server(misbehaving());
  Client bystander(server.port());
  for (int round = 0; round < 5; ++round) {
    std::vector<std::pair<const Misdeed*, std::unique_ptr<Client>>> culprits;
    for (const Misdeed& misdeed : misdeeds)
      if (cost_of(misdeed) == Cost::failed && misdeed.before == nullptr)
        culprits.emplace_back(&misdeed, std::make_unique<Client>(server.port()));
    for (auto& [misdeed, culprit] : culprits)
      culprit->send("before\n" + std::string(misdeed->name) + "\nafter\n");
    bystander.send("still here\n");
    EXPECT_EQ(bystander.read(11), "still here\n");
    for (auto& [misdeed, culprit] : culprits)
      EXPECT_EQ(culprit->read_to_end(), "before\n" + failed + "\n");
  }
}

TEST_P(MisbehavingTest, AnotherHookCostsNoMoreThanItsConnection) {
  for (const HookDeed& deed : hook_deeds()) {
    SCOPED_TRACE(std::string(deed.hook) + ": " + deed.how);
    ServerSetup wanted = misbehaving(deed.hook, deed.how);
    wanted.framing.kind = FramingKind::handler;
    TestServer server(wanted);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(talk(server, "any"), deed.answer);
    EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
    const StatsSnapshot books = server.stats();
    if (deed.reason == CloseReason::none)
      EXPECT_EQ(books.rejected[static_cast<std::size_t>(RejectReason::no_worker)], 3U);
    else
      EXPECT_EQ(books.closed[static_cast<std::size_t>(deed.reason)], 3U);
  }
}

TEST_P(MisbehavingTest, AFrameThatNeverComesIsTooLong) {
  ServerSetup wanted = misbehaving("frame", "never");
  wanted.framing.kind = FramingKind::handler;
  wanted.limits.max_message = 100;
  TestServer server(wanted);
  EXPECT_EQ(talk(server, std::string(10'000, 'x')), "error: message too long (limit 100 bytes)");
}

// A client on a thread that the handler accepts is served, the others are refused.
TEST_P(MisbehavingTest, AThreadThatIsRefusedCostsItsClientsOnly) {
  ServerSetup wanted = misbehaving("worker_create", "refuse every second");
  if (GetParam() == "thread-pool" || GetParam() == "proactor")
    wanted.backend_options["threads"] = std::int64_t{4};
  TestServer server(wanted);
  std::uint64_t served = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string answer = talk(server, "any\n");
    if (answer == "any\n")
      ++served;
    else
      EXPECT_EQ(answer, unusable + "\n");
  }
  EXPECT_GE(served, 1U);
  EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
  EXPECT_EQ(server.stats().rejected[static_cast<std::size_t>(RejectReason::no_worker)],
            20 - served);
}

// What a handler throws is a std::exception to asyncd where both have the same C++ library, or
// where types are told apart by their names. libc++, when each has its own, does neither.
TEST_P(MisbehavingTest, ABadBeginningIsRefused) {
#if defined(_LIBCPP_VERSION)
  constexpr const char* thrown = "it has thrown";
#else
  constexpr const char* thrown = "it has thrown: a stranger's mistake";
#endif
  const std::pair<const char*, const char*> deeds[] = {
      {"throw", thrown},
      {"throw a number", "it has thrown what is no std::exception"},
      {"refuse", "it gave no reason"},
      {"refuse and go on", "full moon"},
      {"refuse below zero", checks_handlers() ? "host_refuse" : "impossible size"},
      {"ask for what is not there", "'absent'"},
      {"ask for nothing", checks_handlers() ? "no key" : "which it does not declare so"}};
  for (const auto& [how, words] : deeds) {
    try {
      TestServer server(misbehaving("create", how));
      ADD_FAILURE() << how << " is served";
    } catch (const std::runtime_error& refusal) {
      EXPECT_NE(std::string(refusal.what()).find(words), std::string::npos) << refusal.what();
    }
  }
  TestServer server(misbehaving());
  EXPECT_NE(server.reload(misbehaving("create", "throw")), "");
  EXPECT_EQ(talk(server, "any\n"), "any\n");
}

INSTANTIATE_TEST_SUITE_P(Backends, MisbehavingTest, testing::ValuesIn(all_backends()),
                         backend_test_name);

}  // namespace asyncd::test
