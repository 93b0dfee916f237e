// fake_upstream.hpp: a part of fake_host.hpp: another server, which does what a test says.
//
//     host.upstream("10.0.0.1:80").answers("42\n").in_pieces_of(1).after(100ms).then_ends();
//
// Role: the script of an address, and its connections. Thread: that of the fake host. Ownership:
// the fake host's. Time is an argument, in nanoseconds of the fake host's clock.
#ifndef ASYNCD_FAKE_UPSTREAM_HPP
#define ASYNCD_FAKE_UPSTREAM_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "asyncd.h"

namespace asyncd {

inline constexpr std::int64_t fake_never = std::numeric_limits<std::int64_t>::max();

// Left alone it lets everybody connect, takes all, and says nothing.
class fake_upstream {
 public:
  using answer_to = std::function<std::string(std::string_view)>;

  fake_upstream& refuses(std::errc why = std::errc::connection_refused) {
    refusal_ = static_cast<int>(why);
    return *this;
  }
  // No server answers: not even the attempt to connect.
  fake_upstream& hangs() {
    hangs_ = true;
    return *this;
  }
  // Of its own accord, once a client has connected.
  fake_upstream& says(std::string text) {
    greeting_ = std::move(text);
    return *this;
  }
  // To each write.
  fake_upstream& answers(answer_to how) {
    answer_ = std::move(how);
    return *this;
  }
  fake_upstream& answers(std::string text) {
    return answers([text = std::move(text)](std::string_view) { return text; });
  }
  // How long it takes to connect, to greet and to answer: to each of these.
  fake_upstream& after(std::chrono::nanoseconds delay) {
    delay_ = delay.count();
    return *this;
  }
  fake_upstream& in_pieces_of(std::size_t bytes) {
    piece_ = bytes;
    return *this;
  }
  // Of what it is sent it takes so much, then no more.
  fake_upstream& takes(std::size_t bytes) {
    takes_ = bytes;
    return *this;
  }
  // Once it has said all that it has to say.
  fake_upstream& then_ends() {
    end_ = ASYNCD_END;
    return *this;
  }
  fake_upstream& then_resets() {
    end_ = ASYNCD_FAILED;
    return *this;
  }

  // What it has been sent on all connections, how many there were, and how many are open.
  const std::string& received() const { return received_; }
  int connections() const { return connections_; }
  int open() const { return open_; }

 private:
  friend class fake_connection;
  friend class fake_operations;

  int refusal_ = 0;
  bool hangs_ = false;
  std::string greeting_;
  answer_to answer_;
  std::int64_t delay_ = 0;
  std::size_t piece_ = SIZE_MAX;
  std::size_t takes_ = SIZE_MAX;
  std::int32_t end_ = ASYNCD_OK;
  std::string received_;
  int connections_ = 0;
  int open_ = 0;
};

class fake_connection {
 public:
  fake_connection(fake_upstream& to, asyncd_call& owner, std::int64_t now)
      : owner_(owner), upstream_(to) {
    ++upstream_.connections_;
    ++upstream_.open_;
    if (!upstream_.greeting_.empty())
      said_.push_back({now + upstream_.delay_, upstream_.greeting_});
  }
  fake_connection(const fake_connection&) = delete;
  fake_connection& operator=(const fake_connection&) = delete;
  ~fake_connection() { --upstream_.open_; }

  const asyncd_call& owner() const { return owner_; }

  // Tries a read: -1 says that there is nothing before `*wake`.
  std::int32_t read(asyncd_op& op, std::int64_t now, std::int64_t* wake) {
    if (said_.empty()) {
      if (upstream_.end_ == ASYNCD_OK || (upstream_.answer_ && !answered_)) return -1;
      if (upstream_.end_ == ASYNCD_FAILED) op.error = static_cast<int>(std::errc::connection_reset);
      return upstream_.end_;
    }
    auto& [when, text] = said_.front();
    if (when > now) {
      *wake = when;
      return -1;
    }
    op.transferred = text.copy(op.data, std::min<std::size_t>(op.data_size, upstream_.piece_));
    text.erase(0, op.transferred);
    if (text.empty()) said_.pop_front();
    return ASYNCD_OK;
  }

  // Tries a write: it takes all, or never ends; where the peer is gone it fails.
  std::int32_t write(asyncd_op& op, std::int64_t now) {
    if (upstream_.end_ == ASYNCD_FAILED && said_.empty() && (answered_ || !upstream_.answer_)) {
      op.error = static_cast<int>(std::errc::connection_reset);
      return ASYNCD_FAILED;
    }
    const std::string_view text(op.data, op.data_size);
    const std::size_t taken =
        std::min<std::size_t>(text.size() - op.transferred, upstream_.takes_ - taken_);
    upstream_.received_ += text.substr(op.transferred, taken);
    op.transferred += taken;
    taken_ += taken;
    if (op.transferred != text.size()) return -1;
    answered_ = true;
    if (!upstream_.answer_) return ASYNCD_OK;
    std::string answer = upstream_.answer_(text);
    if (!answer.empty()) said_.push_back({now + upstream_.delay_, std::move(answer)});
    return ASYNCD_OK;
  }

 private:
  asyncd_call& owner_;
  fake_upstream& upstream_;
  std::deque<std::pair<std::int64_t, std::string>> said_;
  std::size_t taken_ = 0;
  bool answered_ = false;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_UPSTREAM_HPP
