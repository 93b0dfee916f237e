// Buffers, the pool that their memory comes from, and how little of it a session needs.
#include "core/base/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/sdk/count_allocations.h"
#include "tests/unit/session/support.h"

namespace {

using asyncd::Buffer;
using asyncd::BufferPool;
using session_test::Client;

TEST(BufferPool, GivesBlocksThatAreNotMuchLarger) {
  BufferPool pool;
  for (const std::size_t least :
       {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{511},
        std::size_t{512}, std::size_t{513}, std::size_t{1} << 20, (std::size_t{1} << 20) + 1,
        std::size_t{5} << 20}) {
    const BufferPool::Block block = pool.acquire(least);
    EXPECT_GE(block.capacity, least);
    EXPECT_EQ(block.capacity, BufferPool::capacity_for(least));
    EXPECT_LE(block.capacity, least < 1024 ? least + 64 : 2 * least) << least;
    std::fill_n(block.data, block.capacity, 'x');  // all of it is there
    pool.release(block);
  }
}

TEST(BufferPool, ReusesWhatWasReleased) {
  BufferPool pool;
  const BufferPool::Block first = pool.acquire(1000);
  pool.release(first);
  const std::size_t before = count_allocations();
  const BufferPool::Block second = pool.acquire(970);
  EXPECT_EQ(second.data, first.data);
  EXPECT_EQ(count_allocations(), before);
  pool.release(second);
}

// How many blocks of 1 KiB come back without an allocation after `count` were released.
std::size_t kept_of(std::size_t count, std::size_t most_cached) {
  BufferPool pool(most_cached);
  std::vector<BufferPool::Block> blocks(count);
  for (BufferPool::Block& block : blocks) block = pool.acquire(1024);
  for (const BufferPool::Block& block : blocks) pool.release(block);
  const std::size_t before = count_allocations();
  for (BufferPool::Block& block : blocks) block = pool.acquire(1024);
  const std::size_t kept = count - (count_allocations() - before);
  for (const BufferPool::Block& block : blocks) pool.release(block);
  return kept;
}

TEST(BufferPool, KeepsNoMoreThanAllowed) {
  EXPECT_EQ(kept_of(8, 1 << 20), 8U);
  EXPECT_EQ(kept_of(8, 3 * 1024), 3U);
  EXPECT_EQ(kept_of(8, 0), 0U);
}

TEST(BufferPool, KeepsNoVeryLargeBlock) {
  BufferPool pool(64 << 20);
  pool.release(pool.acquire((1 << 20) + 1));
  const std::size_t before = count_allocations();
  pool.release(pool.acquire((1 << 20) + 1));
  EXPECT_EQ(count_allocations(), before + 1);
}

TEST(Buffer, HoldsNoMemoryWhileEmpty) {
  BufferPool pool;
  Buffer buffer(pool);
  EXPECT_EQ(buffer.room(), 0U);
  EXPECT_TRUE(buffer.view().empty());
  buffer.append("abc");
  EXPECT_GT(buffer.room(), 0U);
  buffer.consume(2);
  EXPECT_EQ(buffer.view(), "c");
  buffer.consume(1);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.room(), 0U);
}

TEST(Buffer, CommitsWhatWasWrittenIntoItsRoom) {
  BufferPool pool;
  Buffer buffer(pool);
  buffer.append("ab");
  std::string_view("cdef").copy(buffer.reserve(4), 4);
  buffer.commit(4);
  buffer.uncommit(1);
  EXPECT_EQ(buffer.view(), "abcde");
}

TEST(Buffer, ReusesConsumedRoomBeforeItGrows) {
  BufferPool pool;
  Buffer buffer(pool);
  buffer.append(std::string(500, 'a'));
  buffer.append("tail");
  buffer.consume(500);
  const std::size_t before = count_allocations();
  buffer.append(std::string_view("0123456789"));
  EXPECT_EQ(buffer.view(), "tail0123456789");
  EXPECT_EQ(count_allocations(), before);
}

TEST(Buffer, KeepsItsContentWhenThereIsNoRoomForMore) {
  BufferPool pool;
  Buffer buffer(pool);
  buffer.append("kept");
  for (const std::size_t least : {SIZE_MAX, SIZE_MAX - 4, Buffer::most_bytes + 1})
    EXPECT_THROW(buffer.reserve(least), std::bad_alloc);
  EXPECT_EQ(buffer.view(), "kept");
}

TEST(Buffer, SwapsContentAndMemory) {
  BufferPool pool;
  Buffer full(pool);
  Buffer empty(pool);
  full.append("content");
  const char* place = full.view().data();
  full.swap(empty);
  EXPECT_EQ(empty.view(), "content");
  EXPECT_EQ(empty.view().data(), place);
  EXPECT_EQ(full.room(), 0U);
}

TEST(Buffer, BehavesLikeAQueue) {
  std::minstd_rand random(1);
  BufferPool pool;
  Buffer buffer(pool);
  std::string reference;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      const std::string bytes(random() % 700, static_cast<char>('a' + step % 26));
      buffer.append(bytes);
      reference += bytes;
    } else {
      const std::size_t bytes = std::min<std::size_t>(reference.size(), random() % 800);
      buffer.consume(bytes);
      reference.erase(0, bytes);
    }
    ASSERT_EQ(buffer.view(), reference) << step;
  }
}

// Blocks that the pool gives without allocating.
std::size_t cached_in(BufferPool& pool) {
  std::vector<BufferPool::Block> blocks;
  blocks.reserve(100);
  std::size_t cached = 0;
  for (const std::size_t size : {512U, 1024U, 2048U, 4096U, 8192U}) {
    const std::size_t before = count_allocations();
    do blocks.push_back(pool.acquire(size));
    while (count_allocations() == before);
    cached += blocks.size();
    for (; !blocks.empty(); blocks.pop_back()) pool.release(blocks.back());
    --cached;  // the one that had to be allocated
  }
  return cached;
}

TEST(SessionMemory, AnIdleConnectionHoldsNone) {
  Client client;
  const std::string partial(300, 'x');
  const std::size_t before = count_allocations();
  for (const std::string_view piece :
       {std::string_view(partial), std::string_view("\nnone\nbig 3000\n")}) {
    client.session.on_bytes(piece);
    client.turn();
  }
  client.sent(client.session.pending_output().size() / 2);
  client.give("none\n");
  const std::size_t used = count_allocations() - before;
  EXPECT_LT(cached_in(client.pool), used);
  while (!client.session.pending_output().empty())
    client.sent(client.session.pending_output().size());
  client.session.on_bytes("none\n");
  client.turn();
  EXPECT_GE(cached_in(client.pool), used);
}

TEST(SessionMemory, AMessageAllocatesNothing) {
  for (const std::string_view input : {"hello\n", "one\nno", "ne\n", "big 5000\n"}) {
    Client client;
    std::size_t before = 0;
    for (int i = 0; i < 1000; ++i) {
      if (i == 10) before = count_allocations();
      client.session.on_bytes(input);
      while (client.turn() || !client.session.pending_output().empty())
        client.sent(client.session.pending_output().size());
    }
    EXPECT_EQ(count_allocations(), before) << input;
  }
}

}  // namespace
