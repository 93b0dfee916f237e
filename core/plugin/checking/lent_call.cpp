#include "core/plugin/checking/lent_call.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <set>

namespace asyncd {

namespace {

constexpr std::size_t first_window = 256;  // no more than asyncd.h promises
constexpr std::size_t most_forgotten = 256;

// Of the process. Never destroyed: a handler may have threads that outlive everything else.
struct AllCalls {
  std::mutex mutex;
  std::set<const asyncd_call*> known;
  std::deque<std::unique_ptr<LentCall>> forgotten;
};

AllCalls& all_calls() {
  static AllCalls& all = *new AllCalls;
  return all;
}

std::string bytes_of(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

}  // namespace

LentCall::LentCall(std::string handler, Report report)
    : asyncd_call{}, handler_(std::move(handler)), report_(report) {
  behind_.fill(GuardedBytes::guard);
  const std::lock_guard lock(all_calls().mutex);
  all_calls().known.insert(this);
}

LentCall::~LentCall() {
  const std::lock_guard lock(all_calls().mutex);
  all_calls().known.erase(this);
}

void LentCall::begin(asyncd_call& real, const asyncd_host& functions, void* worker_state,
                     std::shared_ptr<CheckedConnection> of) {
  real_ = &real;
  behind_.fill(GuardedBytes::guard);
  window_count_ = 0;
  early_fault_.reset();
  condemned_ = told_ = false;
  given_ = real;
  given_.host = &functions;
  given_.worker = worker_state;
  given_.connection = of->state;
  given_.message = message_.lend(static_cast<std::size_t>(real.message_size));
  if (real.message_size != 0) std::memcpy(message_.data(), real.message, message_.size());
  given_.window = add_window(first_window).data();
  given_.window_size = first_window;
  static_cast<asyncd_call&>(*this) = given_;
  const std::lock_guard lock(all_calls().mutex);
  info_ = *static_cast<Call&>(real).connection_info;
  connection_ = std::move(of);
  under_way_ = true;
}

GuardedBytes& LentCall::add_window(std::size_t bytes) {
  if (window_count_ == windows_.size()) windows_.push_back(std::make_unique<GuardedBytes>());
  GuardedBytes& added = *windows_[window_count_];
  added.lend(bytes);
  ++window_count_;
  return added;
}

// First exactly what is asked for; then it doubles, for handlers that append piece by piece.
int32_t LentCall::reserve(uint64_t bytes) {
  GuardedBytes& present = *windows_[window_count_ - 1];
  if (bytes <= present.size()) return 0;
  if (real_->host->host_reply_reserve(real_, bytes) != 0) return -1;
  if (!early_fault_) early_fault_ = find_damage();
  if (window_count_ > 1)
    bytes = std::clamp<uint64_t>(2 * present.size(), bytes, real_->window_size);
  try {
    GuardedBytes& larger = add_window(static_cast<std::size_t>(bytes));
    std::memcpy(larger.data(), present.data(), std::min<std::size_t>(reply_size, present.size()));
  } catch (const std::bad_alloc&) {
    return -1;
  }
  present.take_back();
  window = given_.window = windows_[window_count_ - 1]->data();
  window_size = given_.window_size = bytes;
  return 0;
}

std::optional<LentCall::Fault> LentCall::find_fault(int32_t outcome) const {
  if (early_fault_) return early_fault_;
  if (std::optional<Fault> damage = find_damage()) return damage;
  const std::string_view field = find_changed_field();
  if (!field.empty())
    return Fault{"it has changed call->" + std::string(field) + ", which is not its own"};
  if ((flags & ~std::uint32_t{ASYNCD_CLOSE}) != 0)
    return Fault{"it has set the unknown flags " + std::to_string(flags)};
  if (outcome == ASYNCD_PENDING)
    return Fault{"it returned ASYNCD_PENDING, but it is not asynchronous"};
  if (outcome != ASYNCD_REPLY && outcome != ASYNCD_NO_REPLY && outcome != ASYNCD_ERROR &&
      outcome != ASYNCD_HANDLER_FAILED)
    return Fault{"it returned " + std::to_string(outcome) +
                 ", which is none of ASYNCD_REPLY, ASYNCD_NO_REPLY, ASYNCD_ERROR"};
  if (reply_size > window_size)
    return Fault{"its reply_size is " + std::to_string(reply_size) + ", but its window has " +
                 bytes_of(window_size)};
  return std::nullopt;
}

// Of memory. Where all is well nothing is allocated: tests count that.
std::optional<LentCall::Fault> LentCall::find_damage() const {
  using Damage = GuardedBytes::Damage;
  const auto tell = [](const char* what, const GuardedBytes& bytes) {
    const Damage damage = bytes.damage();
    const char* const after = damage == Damage::behind ? "behind" : "far beyond";
    const char* const where = damage == Damage::before ? "before" : after;
    return Fault{"it has written " + std::string(where) + what + bytes_of(bytes.size()),
                 damage == Damage::beyond};
  };
  const GuardedBytes& present = *windows_[window_count_ - 1];
  if (present.damage() != Damage::none) return tell(" its window of ", present);
  if (message_.damage() != Damage::none) return tell(" the message of ", message_);
  if (std::memcmp(message_.data(), real_->message, message_.size()) != 0)
    return Fault{"it has changed the message, which is only lent"};
  if (std::any_of(behind_.begin(), behind_.end(),
                  [](char byte) { return byte != GuardedBytes::guard; }))
    return Fault{"it has written behind the call"};
  for (std::size_t i = 0; i + 1 < window_count_; ++i)
    if (windows_[i]->written_since())
      return Fault{"it has written to the window that it had before host_reply_reserve"};
  return std::nullopt;
}

std::string_view LentCall::find_changed_field() const {
  if (size != given_.size) return "size";
  if (host != given_.host) return "host";
  if (message != given_.message) return "message";
  if (message_size != given_.message_size) return "message_size";
  if (window != given_.window) return "window";
  if (window_size != given_.window_size) return "window_size";
  if (worker != given_.worker) return "worker";
  return connection != given_.connection ? "connection" : "";
}

void LentCall::deliver() {
  real_->flags = flags;
  std::memcpy(real_->window, window, static_cast<std::size_t>(reply_size));
  real_->reply_size = reply_size;
}

void LentCall::end() {
  message_.take_back();
  for (std::size_t i = 0; i < window_count_; ++i) windows_[i]->take_back();
  const asyncd_host* const functions = given_.host;
  given_ = asyncd_call{};
  given_.host = functions;
  given_.message = message_.data();
  given_.window = windows_.front()->data();
  behind_.fill(GuardedBytes::guard);
  static_cast<asyncd_call&>(*this) = given_;
  const std::lock_guard lock(all_calls().mutex);
  under_way_ = false;
}

bool LentCall::written_since_end() {
  if (told_) return false;
  told_ =
      !find_changed_field().empty() || flags != 0 || reply_size != 0 || message_.written_since() ||
      std::any_of(windows_.begin(), windows_.begin() + static_cast<std::ptrdiff_t>(window_count_),
                  [](const auto& one) { return one->written_since(); });
  return told_;
}

void LentCall::forget(std::vector<std::unique_ptr<LentCall>> calls) {
  std::vector<std::unique_ptr<LentCall>> oldest;  // ended without the lock, which they need
  const std::lock_guard lock(all_calls().mutex);
  auto& forgotten = all_calls().forgotten;
  for (auto& call : calls) forgotten.push_back(std::move(call));
  for (; forgotten.size() > most_forgotten; forgotten.pop_front())
    oldest.push_back(std::move(forgotten.front()));
}

LentCall::Misuse LentCall::condemn(const asyncd_call* call) {
  if (call == nullptr) return {.of = "no call"};
  const std::lock_guard lock(all_calls().mutex);
  const auto found = all_calls().known.find(call);
  if (found == all_calls().known.end()) return {};
  // A foreign thread may not read more than this: the rest is its owner's.
  auto& lent = *const_cast<LentCall*>(static_cast<const LentCall*>(*found));
  if (lent.connection_ == nullptr) return {};
  (lent.under_way_ ? lent.condemned_ : lent.connection_->condemned) = true;
  return {
      lent.handler_,
      lent.under_way_ ? "the call of a hook that runs elsewhere" : "a call whose hook has returned",
      lent.report_, lent.info_};
}

}  // namespace asyncd
