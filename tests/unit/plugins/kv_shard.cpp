// kv's items: time is an argument, and any number of threads may ask at once.
#include "kv/shard.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "kv/store.h"

namespace kv {
namespace {

constexpr Time today = 1'700'000'000;

Command set(std::string_view key, Verb verb = Verb::set) {
  Command command;
  command.verb = verb;
  command.key = key;
  return command;
}

std::string get(Shard& shard, std::string_view key, Time now) {
  std::string value = "nothing";
  shard.get(key, now, [&](const Item& item) { value = item.value; });
  return value;
}

TEST(KvShard, ItemsExpire) {
  Shard shard(1 << 20, 1000);
  EXPECT_EQ(shard.store(set("a"), "x", today + 10, today), Stored::stored);
  EXPECT_EQ(get(shard, "a", today + 9), "x");
  EXPECT_EQ(get(shard, "a", today + 10), "nothing");
  EXPECT_EQ(shard.store(set("a", Verb::add), "y", 0, today + 10), Stored::stored);
  EXPECT_TRUE(shard.touch("a", today + 20, today + 11));
  EXPECT_FALSE(shard.remove("a", today + 20));
  EXPECT_EQ(shard.counts().items, 0u);
  EXPECT_EQ(shard.counts().bytes, 0u);
}

TEST(KvShard, AChangeKeepsTheExpiry) {
  Shard shard(1 << 20, 1000);
  std::uint64_t result = 0;
  Command more = set("a", Verb::increment);
  more.number = 5;
  shard.store(set("a"), "1", today + 10, today);
  EXPECT_EQ(shard.add(more, today, result), Added::added);
  EXPECT_EQ(result, 6u);
  EXPECT_EQ(shard.store(set("a", Verb::append), "7", today + 99, today), Stored::stored);
  EXPECT_EQ(get(shard, "a", today + 9), "67");
  EXPECT_EQ(get(shard, "a", today + 10), "nothing");
}

TEST(KvShard, AFlushThatIsYetToCome) {
  Shard shard(1 << 20, 1000);
  shard.store(set("before"), "x", 0, today);
  shard.flush(today + 10, today);
  EXPECT_EQ(get(shard, "before", today + 9), "x");
  shard.store(set("after"), "y", 0, today + 10);
  EXPECT_EQ(get(shard, "before", today + 10), "nothing");
  EXPECT_EQ(get(shard, "after", today + 11), "y");
}

TEST(KvShard, BooksBalance) {
  Shard shard(10'000, 1000);
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key" + std::to_string(i % 70);
    shard.store(set(key), std::string(static_cast<std::size_t>(i), 'x'), 0, today);
    EXPECT_LE(shard.counts().bytes, 10'000u);
    if (i % 7 == 0) shard.remove(key, today);
  }
  EXPECT_GT(shard.counts().evictions, 0u);
  shard.flush(today, today);
  EXPECT_EQ(shard.counts().items, 0u);
  EXPECT_EQ(shard.counts().bytes, 0u);
}

TEST(KvStore, TimesOfExpiry) {
  EXPECT_EQ(expiry_at(0, today), 0);
  EXPECT_EQ(expiry_at(100, today), today + 100);
  EXPECT_EQ(expiry_at(2'592'000, today), today + 2'592'000);
  EXPECT_EQ(expiry_at(2'592'001, today), 2'592'001);
  EXPECT_LT(expiry_at(-1, today), today);
}

TEST(KvStore, ThreadsShareIt) {
  Store store(1 << 20, 1000);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&store] {
      std::uint64_t result = 0;
      Command more = set("sum", Verb::increment);
      more.number = 1;
      for (int i = 0; i < 500; ++i) {
        const std::string key = "key" + std::to_string(i % 50);
        Shard& shard = store.shard_of(key);
        shard.store(set(key), "value", 0, today);
        shard.get(key, today, [](const Item& item) { EXPECT_EQ(item.value, "value"); });
        store.shard_of("sum").store(set("sum", Verb::add), "0", 0, today);
        store.shard_of("sum").add(more, today, result);
      }
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(get(store.shard_of("sum"), "sum", today), "2000");
  EXPECT_EQ(store.counts().items, 51u);
}

}  // namespace
}  // namespace kv
