// CompletionHandles: what completes an operation from outside of the loop that waits for it, at any
// time, in time or late. asyncd.h calls a handle a ticket. It is a number that is never given twice
// in a process, so a completion that comes too late does no harm, not even once its table has gone.
//
// One table for each server, or for what stands in for one; it outlives all operations that use it.
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

struct asyncd_op;

namespace asyncd {

// Hears that a handle was posted: on the posting thread, with the table locked.
class CompletionObserver {
 public:
  virtual ~CompletionObserver() = default;
  // The operation is the observer's to end.
  virtual void on_posted(std::uint64_t handle, asyncd_op& op) noexcept = 0;
};

class CompletionHandles {
 public:
  CompletionHandles();
  ~CompletionHandles();  // waits for posts that are under way
  CompletionHandles(const CompletionHandles&) = delete;
  CompletionHandles& operator=(const CompletionHandles&) = delete;

  // For `call` only, by its address. `before`: the handle that it has opened before, or 0.
  // std::bad_alloc.
  std::uint64_t open(CompletionObserver& observer, const void* call, std::uint64_t before);
  void close_all(std::uint64_t last) noexcept;  // this one and all before it

  // Waits: the observer will hear of it, with `op`. Refused: it is no handle of that call, or
  // another operation waits with it.
  enum class Answer : std::uint8_t { posted, waits, refused };
  Answer wait(std::uint64_t handle, const void* call, asyncd_op& op) noexcept;
  // Null: no operation waits any more, or it has been posted.
  asyncd_op* take_waiting(std::uint64_t handle) noexcept;

  // 0: the first post of an open handle, in whichever table it is.
  static std::int32_t post(std::uint64_t handle) noexcept;

  std::size_t open_count() noexcept;

 private:
  struct Entry {
    std::uint64_t handle = 0;  // 0: free
    std::uint64_t before = 0;
    CompletionObserver* observer = nullptr;
    const void* call = nullptr;
    asyncd_op* op = nullptr;
    bool posted = false;
  };
  Entry* find(std::uint64_t handle);
  bool post_here(std::uint64_t handle) noexcept;

  std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  CompletionHandles* next_ = nullptr;  // of the tables that there are
};

}  // namespace asyncd
