#include "core/operations/completion_handles.h"

#include <atomic>
#include <utility>

namespace asyncd {

namespace {

// The tables that there are: a post names a handle, and no table. Locked before a table is, and for
// as long as a post takes, so that a table stays until then.
struct Tables {
  std::mutex mutex;
  CompletionHandles* first = nullptr;
};

// Never destroyed: a handler's own thread may post while the process ends.
Tables& tables() {
  static Tables& only = *new Tables;
  return only;
}

std::size_t index_of(std::uint64_t handle) { return static_cast<std::uint32_t>(handle); }

// The upper half of a handle. One count for all tables: no table gives a handle of another's.
std::uint32_t next_generation() {
  static std::atomic<std::uint32_t> last{0};
  const std::uint32_t next = ++last;
  return next != 0 ? next : ++last;
}

}  // namespace

CompletionHandles::CompletionHandles() {
  const std::lock_guard lock(tables().mutex);
  next_ = std::exchange(tables().first, this);
}

CompletionHandles::~CompletionHandles() {
  const std::lock_guard lock(tables().mutex);
  CompletionHandles** link = &tables().first;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
}

std::uint64_t CompletionHandles::open(CompletionObserver& observer, const void* call,
                                      std::uint64_t before) {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    // closing takes no memory
    if (free_.capacity() <= entries_.size()) free_.reserve(2 * entries_.size() + 16);
    entries_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Entry& entry = entries_[index];
  entry = {std::uint64_t{next_generation()} << 32 | index, before, &observer, call, nullptr, false};
  return entry.handle;
}

CompletionHandles::Entry* CompletionHandles::find(std::uint64_t handle) {
  const std::size_t index = index_of(handle);
  if (handle == 0 || index >= entries_.size() || entries_[index].handle != handle) return nullptr;
  return &entries_[index];
}

void CompletionHandles::close_all(std::uint64_t last) noexcept {
  const std::lock_guard lock(mutex_);
  while (Entry* const entry = find(last)) {
    free_.push_back(static_cast<std::uint32_t>(index_of(last)));
    last = entry->before;
    *entry = {};
  }
}

CompletionHandles::Answer CompletionHandles::wait(std::uint64_t handle, const void* call,
                                                  asyncd_op& op) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(handle);
  if (entry == nullptr || entry->call != call || entry->op != nullptr) return Answer::refused;
  if (entry->posted) return Answer::posted;
  entry->op = &op;
  return Answer::waits;
}

asyncd_op* CompletionHandles::take_waiting(std::uint64_t handle) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(handle);
  return entry == nullptr ? nullptr : std::exchange(entry->op, nullptr);
}

bool CompletionHandles::post_here(std::uint64_t handle) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(handle);
  if (entry == nullptr || entry->posted) return false;
  // Taken here and now: an operation that gives up from now on finds that it is too late.
  entry->posted = true;
  if (asyncd_op* const op = std::exchange(entry->op, nullptr))
    entry->observer->on_posted(handle, *op);
  return true;
}

std::size_t CompletionHandles::open_count() noexcept {
  const std::lock_guard lock(mutex_);
  return entries_.size() - free_.size();
}

std::int32_t CompletionHandles::post(std::uint64_t handle) noexcept {
  const std::lock_guard lock(tables().mutex);
  for (CompletionHandles* table = tables().first; table != nullptr; table = table->next_)
    if (table->post_here(handle)) return 0;
  return -1;
}

}  // namespace asyncd
