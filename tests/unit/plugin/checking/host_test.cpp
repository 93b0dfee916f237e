// The hooks besides message: what they may not do, and the order in which asyncd itself calls them.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "support.h"

namespace {

using checking_test::last_told;
using checking_test::Play;
using checking_test::told;

std::int32_t throw_it() { throw std::runtime_error("oh"); }

TEST(CheckingCreate, PassesOptionsOn) {
  Play play;
  play.script.create = [](asyncd_setup* setup) {
    std::uint64_t size = 0;
    EXPECT_STREQ(setup->host->host_option_text(setup, "key", &size), "key");
    EXPECT_EQ(size, 3U);
    EXPECT_EQ(setup->host->host_option_integer(setup, "key"), 'k');
    return std::int32_t{0};
  };
  EXPECT_EQ(play.create(), 0);
  play.destroy();
  EXPECT_EQ(last_told(), "");
}

TEST(CheckingCreate, PassesARefusalOn) {
  Play play;
  play.script.create = [](asyncd_setup* setup) {
    return setup->host->host_refuse(setup, "full moon", 9);
  };
  EXPECT_NE(play.create(), 0);
  EXPECT_EQ(play.refusal, "full moon");
  EXPECT_EQ(last_told(), "");
}

TEST(CheckingCreate, RefusesWhoBreaksTheRules) {
  const std::pair<std::function<std::int32_t(asyncd_setup*)>, const char*> deeds[] = {
      {[](asyncd_setup*) { return throw_it(); }, "it has thrown: oh"},
      {[](asyncd_setup* setup) {
         return setup->host->host_option_integer(setup, nullptr) == 0 ? 0 : 1;
       },
       "it gave host_option_integer no key"},
      {[](asyncd_setup* setup) {
         return setup->host->host_option_text(setup, "key", nullptr) == nullptr ? 1 : 0;
       },
       "it gave host_option_text no place for the size"},
      {[](asyncd_setup* setup) { return setup->host->host_refuse(setup, "why", UINT64_MAX); },
       "it gave host_refuse a text of 18446744073709551615 bytes"},
      {[](asyncd_setup* setup) { return setup->host->host_reply_reserve(nullptr, 1) == 0 ? 1 : 0; },
       "it called host_reply_reserve with no call"},
      {[](asyncd_setup* setup) {
         asyncd_setup own = *setup;
         return setup->host->host_refuse(&own, "why", 3) == 0 ? 1 : 0;
       },
       "it called host_refuse with a setup that is not of a running create"}};
  for (const auto& [deed, words] : deeds) {
    Play play;
    play.script.create = deed;
    const bool created = play.create() == 0;
    EXPECT_EQ(play.refusal, words);
    EXPECT_EQ(last_told(), std::string("create: ") + words);
    if (created) play.destroy();
    EXPECT_EQ(told().size(), 1U);
  }
}

TEST(CheckingCreate, AsksForASetupThatIsOver) {
  Play play;
  asyncd_setup* kept = nullptr;
  const asyncd_host* host = nullptr;
  play.script.create = [&](asyncd_setup* setup) {
    kept = setup;
    host = setup->host;
    return std::int32_t{0};
  };
  play.script.worker_create = [&] { return host->host_option_integer(kept, "key") == 0 ? 0 : 1; };
  play.create();
  EXPECT_EQ(play.begin_worker(), nullptr);
  EXPECT_EQ(
      last_told(),
      "worker_create: it called host_option_integer with a setup that is not of a running create");
  std::thread([&] { host->host_log(nullptr, ASYNCD_LOG_INFO, "x", 1); }).join();
  EXPECT_EQ(told().size(), 1U);  // nothing tells whose handler it is: it is in the log only
  play.destroy();
}

TEST(CheckingHooks, ThatThrowAreTold) {
  Play play;
  play.script.worker_create = throw_it;
  play.create();
  EXPECT_EQ(play.begin_worker(), nullptr);
  EXPECT_EQ(last_told(), "worker_create: it has thrown: oh");
  play.script.worker_create = nullptr;
  void* const worker = play.begin_worker();
  play.script.connection_open = throw_it;
  EXPECT_EQ(play.open(worker), nullptr);
  EXPECT_EQ(last_told(), "connection_open: it has thrown: oh");
  play.script.connection_open = nullptr;
  void* const connection = play.open(worker);
  play.script.connection_close = play.script.worker_destroy =
      play.script.destroy = [] { throw_it(); };
  play.close(worker, connection);
  EXPECT_EQ(last_told(), "connection_close: it has thrown: oh");
  play.end_worker(worker);
  EXPECT_EQ(last_told(), "worker_destroy: it has thrown: oh");
  play.destroy();
  EXPECT_EQ(last_told(), "destroy: it has thrown: oh");
  EXPECT_EQ(told().size(), 5U);
}

TEST(CheckingHooks, ThatRefuseAreNotTold) {
  Play play;
  play.create();
  play.script.worker_create = play.script.connection_open = [] { return 1; };
  EXPECT_EQ(play.begin_worker(), nullptr);
  play.script.worker_create = nullptr;
  void* const worker = play.begin_worker();
  EXPECT_EQ(play.open(worker), nullptr);
  play.end_worker(worker);
  play.destroy();
  EXPECT_EQ(last_told(), "");
}

struct FrameDeed {
  std::uint64_t offset, size, total, needed;
  std::string told;
};

// Ten bytes have come.
TEST(CheckingFrame, IsWithinItsBytes) {
  const std::uint64_t most = UINT64_MAX;
  const FrameDeed deeds[] = {
      {0, 9, 10, 0, ""},
      {0, 0, 10, 0, ""},
      {10, 0, 10, 0, ""},
      {0, 0, 0, 0, ""},
      {0, 0, 0, 11, ""},
      {0, 0, 0, most, ""},
      {0, 0, 0, 10, "it needs 10 bytes, but it was given 10"},
      {0, 9, 11, 0, "its frame has 11 bytes, but it was given 10"},
      {0, 9, most, 0, "its frame has 18446744073709551615 bytes, but it was given 10"},
      {11, 0, 10, 0, "its message of 0 bytes at 11 is not within its frame of 10"},
      {5, 6, 10, 0, "its message of 6 bytes at 5 is not within its frame of 10"},
      {0, 1, 0, 0, "its message of 1 bytes at 0 is not within its frame of 0"}};
  for (const FrameDeed& deed : deeds) {
    Play play;
    play.create();
    play.script.frame = [&](const char*, std::uint64_t, asyncd_frame* frame) {
      frame->message_offset = deed.offset;
      frame->message_size = deed.size;
      frame->total = deed.total;
      frame->needed = deed.needed;
      return 0;
    };
    std::int32_t outcome = 1;
    const asyncd_frame found = play.find("0123456789", outcome);
    EXPECT_EQ(outcome, 0);
    EXPECT_EQ(found.total, deed.told.empty() ? deed.total : most);
    EXPECT_EQ(last_told(), deed.told.empty() ? "" : "frame: " + deed.told);
    play.destroy();
  }
}

TEST(CheckingFrame, MayFindThatTheBytesAreNoneOfIts) {
  Play play;
  play.create();
  play.script.frame = [](const char*, std::uint64_t, asyncd_frame*) { return 5; };
  std::int32_t outcome = 0;
  play.find("0123456789", outcome);
  EXPECT_EQ(outcome, 5);
  EXPECT_EQ(last_told(), "");
  play.destroy();
}

TEST(CheckingFrame, ThrowsOrWritesAndFails) {
  for (const bool throws : {false, true}) {
    Play play;
    play.create();
    std::string bytes = "0123456789";
    play.script.frame = [&](const char* lent, std::uint64_t, asyncd_frame*) -> std::int32_t {
      if (throws) throw_it();
      const_cast<char*>(lent)[3] = 'x';
      return 1;
    };
    std::int32_t outcome = 1;
    EXPECT_EQ(play.find(bytes, outcome).total, UINT64_MAX);
    EXPECT_EQ(outcome, 0);
    EXPECT_EQ(bytes, "0123456789");
    EXPECT_EQ(last_told(), throws ? "frame: it has thrown: oh"
                                  : "frame: it has changed the bytes, which are only lent");
    play.destroy();
  }
}

// asyncd's own mistakes end the process; here they are only told.
TEST(CheckingOrder, OfHooksIsThatOfTheRules) {
  const std::pair<std::function<void(Play&)>, const char*> mistakes[] = {
      {[](Play& play) { play.begin_worker(); },
       "worker_create: asyncd itself: the handler is not there"},
      {[](Play& play) { play.destroy(); },
       "destroy: asyncd itself: no create before, or a second destroy"},
      {[](Play& play) {
         play.create();
         play.create();
       },
       "create: asyncd itself: a second create"},
      {[](Play& play) {
         play.create();
         play.destroy();
         play.destroy();
       },
       "destroy: asyncd itself: no create before, or a second destroy"},
      {[](Play& play) {
         play.create();
         play.destroy();
         play.begin_worker();
       },
       "worker_create: asyncd itself: the handler is not there"},
      {[](Play& play) {
         play.create();
         play.open(nullptr);
       },
       "connection_open: asyncd itself: no worker_create before"},
  };
  for (const auto& [mistake, words] : mistakes) {
    Play play;
    mistake(play);
    EXPECT_EQ(last_told(), words);
    EXPECT_TRUE(told().back().fatal);
  }
}

TEST(CheckingOrder, OfConnectionsIsThatOfTheRules) {
  const std::pair<std::function<void(Play&)>, const char*> mistakes[] = {
      {[](Play& play) { play.send(play.worker(), nullptr, "any"); },
       "message: asyncd itself: no open connection"},
      {[](Play& play) { play.send(nullptr, play.connection(), "any"); },
       "message: asyncd itself: no worker"},
      {[](Play& play) { play.destroy(); }, "destroy: asyncd itself: workers are left"},
      {[](Play& play) { play.end_worker(play.worker()); },
       "worker_destroy: asyncd itself: connections are left"},
      {[](Play& play) {
         void* const other = play.begin_worker();
         play.send(other, play.connection(), "any");
         play.end_worker(other);
       },
       "message: asyncd itself: the connection is another worker's"},
      {[](Play& play) { std::thread([&] { play.send("any"); }).join(); },
       "message: asyncd itself: not on the worker's thread"},
      {[](Play& play) { std::thread([&] { play.open(play.worker()); }).join(); },
       "connection_open: asyncd itself: not on the worker's thread"},
      {[](Play& play) { std::thread([&] { play.end_worker(play.worker()); }).join(); },
       "worker_destroy: asyncd itself: not on the worker's thread"},
      {[](Play& play) {
         play.script.message = [&](asyncd_call*) {
           play.send("inner");
           return std::int32_t{ASYNCD_REPLY};
         };
         play.send("outer");
       },
       "message: asyncd itself: another one of the connection is under way"},
  };
  for (const auto& [mistake, words] : mistakes) {
    Play play;
    play.begin();
    mistake(play);
    EXPECT_EQ(last_told(), words);
    EXPECT_TRUE(!told().empty() && told().back().fatal);
    play.end();
  }
}

// A thread stays in the handler until another one has been there, too.
TEST(CheckingOrder, NoTwoHooksOfASerialHandlerOverlap) {
  for (const std::uint32_t concurrency : {ASYNCD_REENTRANT, ASYNCD_SERIAL}) {
    Play play(concurrency);
    std::atomic<bool> inside{false}, done{false};
    play.script.message = [&](asyncd_call*) {
      inside = true;
      while (!done) std::this_thread::yield();
      return std::int32_t{ASYNCD_REPLY};
    };
    play.create();
    std::thread other([&] {
      void* const worker = play.begin_worker();
      void* const connection = play.open(worker);
      play.send(worker, connection, "any");
      play.close(worker, connection);
      play.end_worker(worker);
    });
    while (!inside) std::this_thread::yield();
    void* const worker = play.begin_worker();
    const bool serial = concurrency == ASYNCD_SERIAL;
    EXPECT_EQ(last_told(),
              serial ? "worker_create: asyncd itself: two hooks of a serial handler at once" : "");
    done = true;
    other.join();
    play.end_worker(worker);
    play.destroy();
  }
}

}  // namespace
