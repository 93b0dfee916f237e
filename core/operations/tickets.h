// Tickets: completions that any thread may post at any time, in time or late. A ticket is a number
// that is never given twice, so a thread that posts one that is over does no harm. One table for
// the process; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

struct asyncd_op;

namespace asyncd {

// Who hears that a ticket was posted: on the posting thread, with the table locked.
class TicketHolder {
 public:
  virtual ~TicketHolder() = default;
  // the operation is his to end
  virtual void on_posted(std::uint64_t ticket, asyncd_op& op) noexcept = 0;
};

class Tickets {
 public:
  static Tickets& all();

  // For `call` only, by its address. `before`: the ticket that it has opened before, or 0.
  // std::bad_alloc.
  std::uint64_t open(TicketHolder& holder, const void* call, std::uint64_t before);
  void close_all(std::uint64_t last) noexcept;  // this one and all before it

  // Waits: the holder will hear of it, with `op`. Refused: it is no ticket of that call, or another
  // waits with it.
  enum class Answer : std::uint8_t { posted, waits, refused };
  Answer wait(std::uint64_t ticket, const void* call, asyncd_op& op) noexcept;
  // null: no call waits any more, or it has been posted
  asyncd_op* take_waiting(std::uint64_t ticket) noexcept;

  // 0: the first post of an open ticket.
  std::int32_t post(std::uint64_t ticket) noexcept;

  // How many are open. Where none is, the table's memory is given back: for tests, which begin with
  // none.
  std::size_t trim() noexcept;

 private:
  struct Entry {
    std::uint64_t ticket = 0;  // 0: free
    std::uint64_t before = 0;
    TicketHolder* holder = nullptr;
    const void* call = nullptr;
    asyncd_op* op = nullptr;
    bool posted = false;
  };
  Entry* find(std::uint64_t ticket);

  std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::uint32_t generation_ = 0;
};

}  // namespace asyncd
