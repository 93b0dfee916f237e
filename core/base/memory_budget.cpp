#include "core/base/memory_budget.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace asyncd {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::uint64_t piece = 64 << 10;     // that an account grows by
constexpr std::uint64_t surplus = 2 * piece;  // from which on it shrinks
constexpr std::size_t width_of_least = 13;    // of MemoryHoldings::least, in bits

}  // namespace

std::size_t MemoryHoldings::class_of(std::uint64_t bytes) {
  static_assert(std::bit_width(least) == width_of_least);
  if (bytes < least) return 0;
  return std::min(static_cast<std::size_t>(std::bit_width(bytes)) - width_of_least + 1,
                  class_count - 1);
}

std::uint64_t MemoryHoldings::least_of(std::size_t index) {
  return index == 0 ? 0 : least << (index - 1);
}

void MemoryBudget::set_limit(std::uint64_t bytes) {
  if (limit_.exchange(bytes) != bytes) ring();
}

void MemoryBudget::set_ring(std::function<void()> ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
}

void MemoryBudget::ring() noexcept {
  const std::lock_guard lock(mutex_);
  if (ring_) ring_();
}

// A thread that passed a mark while it was being set has not seen it.
void MemoryBudget::set_marks(const Marks& marks) {
  pause_ = marks.pause;
  rise_ = marks.rise;
  fall_ = marks.fall;
  const std::uint64_t leased = leased_;
  if (leased >= std::min(marks.rise, marks.pause) || (marks.fall != 0 && leased <= marks.fall))
    ring();
}

// Each mark rings once.
void MemoryBudget::lease(std::uint64_t bytes) noexcept {
  const std::uint64_t leased = leased_.fetch_add(bytes) + bytes;
  const bool pauses = leased >= pause_;
  if (pauses) {
    pause_ = MemoryOrder::none;
    pause_above_.store(MemoryHoldings::least, relaxed);
  } else if (leased >= rise_) {
    rise_ = MemoryOrder::none;
  } else {
    return;
  }
  ring();
}

void MemoryBudget::give_back(std::uint64_t bytes) noexcept {
  const std::uint64_t leased = leased_.fetch_sub(bytes) - bytes;
  if (const std::uint64_t mark = fall_; mark != 0 && leased <= mark) {
    fall_ = 0;
    ring();
  }
}

MemoryBudget::Figures MemoryBudget::figures() const {
  Figures figures;
  figures.limit = limit_;
  figures.leased = leased_;
  const std::lock_guard lock(mutex_);
  for (const MemoryAccount* account = first_; account != nullptr; account = account->next_) {
    figures.held += account->held();
    for (std::size_t i = 0; i < MemoryHoldings::class_count; ++i)
      figures.holdings.bytes[i] += account->holdings_[i].load(relaxed);
  }
  return figures;
}

void MemoryBudget::issue(const MemoryOrder& order) {
  const std::lock_guard lock(mutex_);
  order_ = order;
  pause_above_.store(order.pause_above, relaxed);
  round_.fetch_add(1, std::memory_order_release);
  for (const MemoryAccount* account = first_; account != nullptr; account = account->next_)
    if (account->wake_) account->wake_();
}

std::uint64_t MemoryBudget::least_closed() const {
  const std::lock_guard lock(mutex_);
  return std::min(order_.close_above, order_.close_some_above);
}

// What connections hold changes, so it is the quotas that say when enough of them have ended.
bool MemoryBudget::must_end(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto claim = [&](std::uint64_t least, std::uint64_t& quota) {
    if (bytes < least || quota == 0) return false;
    quota -= std::min(quota, bytes);
    return true;
  };
  return claim(order_.close_above, order_.quota_above) ||
         claim(order_.close_some_above, order_.quota_of_some);
}

void MemoryBudget::enter(MemoryAccount& account) {
  const std::lock_guard lock(mutex_);
  account.next_ = std::exchange(first_, &account);
  if (account.next_ != nullptr) account.next_->previous_ = &account;
}

void MemoryBudget::leave(MemoryAccount& account) {
  const std::lock_guard lock(mutex_);
  (account.previous_ == nullptr ? first_ : account.previous_->next_) = account.next_;
  if (account.next_ != nullptr) account.next_->previous_ = account.previous_;
}

MemoryAccount::MemoryAccount(MemoryBudget* budget, std::function<void()> wake)
    : budget_(budget), wake_(std::move(wake)) {
  if (budget_ == nullptr) return;
  seen_ = budget_->round_;
  budget_->enter(*this);
}

MemoryAccount::~MemoryAccount() {
  if (budget_ == nullptr) return;
  budget_->leave(*this);
  budget_->give_back(leased_);
}

void MemoryAccount::take(std::uint64_t bytes) noexcept {
  if (budget_ == nullptr) return;
  const std::uint64_t held = this->held() + bytes;
  held_.store(held, relaxed);
  if (held <= leased_) return;
  const std::uint64_t more = (held - leased_ + piece - 1) / piece * piece;
  leased_ += more;
  budget_->lease(more);
}

void MemoryAccount::give(std::uint64_t bytes) noexcept {
  if (budget_ == nullptr) return;
  const std::uint64_t held = this->held() - bytes;
  held_.store(held, relaxed);
  if (leased_ - held < surplus) return;
  const std::uint64_t less = (leased_ - held) / piece * piece - piece;
  leased_ -= less;
  budget_->give_back(less);
}

void MemoryAccount::note(std::uint64_t bytes) noexcept {
  const std::size_t index = MemoryHoldings::class_of(bytes);
  if (index == 0 && noted_ == 0) return;
  if (index != noted_) holdings_[noted_].store(0, relaxed);
  noted_ = index;
  holdings_[index].store(index == 0 ? 0 : bytes, relaxed);
}

void MemoryAccount::tell(const MemoryHoldings& holdings) noexcept {
  for (std::size_t i = 0; i < MemoryHoldings::class_count; ++i)
    holdings_[i].store(holdings.bytes[i], relaxed);
}

MemoryRound::MemoryRound(MemoryAccount& account) : account_(account) {
  account_.seen_ = account_.budget_->round_.load(std::memory_order_acquire);
  close_above_ = account_.budget_->least_closed();
}

bool MemoryRound::ends(std::uint64_t bytes) {
  holdings_.add(bytes);
  return bytes >= close_above_ && account_.budget_->must_end(bytes);
}

}  // namespace asyncd
