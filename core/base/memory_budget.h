// MemoryBudget: how much memory all connections of the process may hold together: buffers, calls,
// and what handlers allocate through their host. Each loop or thread has a MemoryAccount that it
// alone writes. The sum of all is touched only when an account grows or shrinks by a piece, and
// never while a pool's own blocks are enough. What is done about too much is decided by the
// MemoryGovernor, in rounds: it gives an order, and the loops answer with what their connections
// hold.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>

namespace asyncd {

// How bytes are spread over connections: in classes by what each holds, from `least` bytes on, each
// twice the one before.
struct MemoryHoldings {
  static constexpr std::uint64_t least = 4 << 10;
  static constexpr std::size_t class_count = 32;

  static std::size_t class_of(std::uint64_t bytes);  // 0: less than `least`, so it does not matter
  static std::uint64_t least_of(std::size_t index);

  void add(std::uint64_t bytes_of_one) { bytes[class_of(bytes_of_one)] += bytes_of_one; }

  std::array<std::uint64_t, class_count> bytes{};
};

// What connections have to do while memory is short.
struct MemoryOrder {
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t pause_above = none;  // those that hold so much are not read
  // Those that hold so much end, until they have held the quota together; those that hold more have
  // one of their own.
  std::uint64_t close_above = none;
  std::uint64_t quota_above = 0;
  std::uint64_t close_some_above = none;
  std::uint64_t quota_of_some = 0;
};

class MemoryAccount;
class MemoryRound;

// Any thread.
class MemoryBudget {
 public:
  static constexpr std::uint64_t unlimited = MemoryOrder::none;

  explicit MemoryBudget(std::uint64_t limit = unlimited) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  void set_limit(std::uint64_t bytes);
  std::uint64_t limit() const { return limit_; }

  // For the governor. `ring` is called, by any thread, once the sum of the accounts passes one of
  // the marks.
  struct Marks {
    std::uint64_t rise = MemoryOrder::none;  // rings from there on
    // likewise, and all connections that hold much pause until the next order
    std::uint64_t pause = MemoryOrder::none;
    std::uint64_t fall = 0;  // rings at or below it; 0: not at all
  };
  void set_ring(std::function<void()> ring);
  void set_marks(const Marks& marks);

  struct Figures {
    std::uint64_t limit = 0;
    std::uint64_t held = 0;    // exact
    std::uint64_t leased = 0;  // what the marks are about: somewhat more than is held
    MemoryHoldings holdings;
  };
  Figures figures() const;
  void issue(const MemoryOrder& order);  // a new round: all are woken
  bool pauses() const { return pause_above_.load(std::memory_order_relaxed) != MemoryOrder::none; }

 private:
  friend class MemoryAccount;
  friend class MemoryRound;

  void enter(MemoryAccount& account);
  void leave(MemoryAccount& account);
  void lease(std::uint64_t bytes) noexcept;
  void give_back(std::uint64_t bytes) noexcept;
  void ring() noexcept;
  std::uint64_t least_closed() const;
  bool must_end(std::uint64_t bytes);

  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> leased_{0};
  std::atomic<std::uint64_t> rise_{MemoryOrder::none}, pause_{MemoryOrder::none}, fall_{0};
  std::atomic<std::uint64_t> pause_above_{MemoryOrder::none};
  std::atomic<std::uint64_t> round_{0};

  mutable std::mutex mutex_;
  MemoryAccount* first_ = nullptr;
  MemoryOrder order_;
  std::function<void()> ring_;
};

// What the connections of one loop or thread hold. On that thread, but for what its budget does.
class MemoryAccount {
 public:
  // Without a budget nothing is counted. `wake`: has the thread look at has_news soon; empty where
  // it does by itself.
  explicit MemoryAccount(MemoryBudget* budget = nullptr, std::function<void()> wake = {});
  ~MemoryAccount();
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  void take(std::uint64_t bytes) noexcept;
  void give(std::uint64_t bytes) noexcept;
  std::uint64_t held() const { return held_.load(std::memory_order_relaxed); }

  // Whether a connection that holds so much is not to be read for the time being.
  bool pauses(std::uint64_t bytes) const {
    return bytes >= MemoryHoldings::least && budget_ != nullptr &&
           bytes >= budget_->pause_above_.load(std::memory_order_relaxed);
  }

  // Whether memory is so short that none is kept for later.
  bool is_short() const { return budget_ != nullptr && budget_->pauses(); }

  bool has_news() const {
    return budget_ != nullptr && budget_->round_.load(std::memory_order_acquire) != seen_;
  }

  // Of a thread with one connection: what that one holds, at any time.
  void note(std::uint64_t bytes) noexcept;

 private:
  friend class MemoryBudget;
  friend class MemoryRound;

  void tell(const MemoryHoldings& holdings) noexcept;

  MemoryBudget* const budget_;
  const std::function<void()> wake_;
  std::atomic<std::uint64_t> held_{0};
  std::uint64_t leased_ = 0;
  std::uint64_t seen_ = 0;  // the last round
  std::size_t noted_ = 0;   // the class that note has told of
  std::array<std::atomic<std::uint64_t>, MemoryHoldings::class_count> holdings_{};
  MemoryAccount* next_ = nullptr;  // the budget's list
  MemoryAccount* previous_ = nullptr;
};

// A thread's part in a round: it asks for each of its connections, and its end tells what they
// hold.
class MemoryRound {
 public:
  explicit MemoryRound(MemoryAccount& account);
  ~MemoryRound() { account_.tell(holdings_); }
  MemoryRound(const MemoryRound&) = delete;
  MemoryRound& operator=(const MemoryRound&) = delete;

  // Whether a connection that holds so much has to end.
  bool ends(std::uint64_t bytes);

 private:
  MemoryAccount& account_;
  std::uint64_t close_above_ = MemoryOrder::none;  // a connection that holds less stays open
  MemoryHoldings holdings_;
};

}  // namespace asyncd
