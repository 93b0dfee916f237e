// Sessions: whatever happens to one, in whatever order, its books are right, what it sends is what
// its client's bytes demand, as far as it was not cut, and it ends. The oracle of the simulations
// says what they demand, without a session. Input: framing, limits and how it ends, then events. d:
// bytes from the client; s: the client takes some; t: time passes; e: the client ends; x: drain; f:
// failure; every other byte: a turn. A capital: another event follows before the next turn.
#include "core/session/session.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/accept/connection_info.h"
#include "fuzz.h"
#include "tests/unit/sim/handler.h"
#include "tests/unit/sim/oracle.h"

namespace {

using asyncd::CloseReason;
using asyncd::Duration;
using asyncd::Framing;
using asyncd::FramingKind;
using asyncd::Instant;
using asyncd::Limits;
using asyncd::never;
using asyncd::Session;
using asyncd::test::Move;
using fuzz::require;
using std::chrono::milliseconds;

Framing choose_framing(fuzz::Input& input) {
  const std::size_t kind = std::string_view("lrfp").find(static_cast<char>(input.byte()));
  const std::size_t size = input.small();
  Framing framing;
  if (kind != std::string_view::npos)
    framing.kind = std::array{FramingKind::line, FramingKind::raw, FramingKind::fixed,
                              FramingKind::length}[kind];
  framing.message_size = 1 + size % 20;
  framing.prefix_size = 1U << (size % 4);
  framing.prefix_order = (size & 4) != 0 ? asyncd::ByteOrder::little : asyncd::ByteOrder::big;
  return framing;
}

constexpr std::size_t most_read = 200;

// Small ones, so that all of them are met.
Limits choose_limits(fuzz::Input& input) {
  Limits limits;
  limits.max_message = 20 + input.small();
  limits.max_reply = 50 + 10 * input.small();
  limits.output_high_water = 8 * input.small();
  limits.output_low_water = std::min<std::uint64_t>(8 * input.small(), limits.output_high_water);
  if (const std::size_t most = input.small(); most != 0) limits.messages_per_connection = most;
  limits.input_buffer = most_read;
  return limits;
}

// How a session stood when it was last open.
struct Sample {
  std::uint64_t messages, received, sent;
};

class Script {
 public:
  explicit Script(fuzz::Input& input)
      : input_(input),
        serving_{.framing = choose_framing(input), .limits = choose_limits(input)},
        how_it_ends_(input.small()),
        service_(sim::make_service(handler_, serving_.framing, limits_)),
        worker_(make_worker()),
        session_(std::in_place, *service_, pool_, worker_, info_, now_) {}

  void run() {
    while (!input_.empty() && !session_->finished()) {
      const char event = static_cast<char>(input_.byte());
      const bool capital = event >= 'A' && event <= 'Z';
      happen(capital ? static_cast<char>(event - 'A' + 'a') : event);
      // What is lent must be gone by the next event.
      if (!capital || lent_) turn();
    }
    finish();
    check_end();
    session_.reset();
    service_->hooks->worker_destroy(&handler_, worker_);
    require(handler_.open_now == 0 && !handler_.called_wrongly,
            "the handler hears of each connection's end, once");
  }

 private:
  void* make_worker() {
    void* worker = nullptr;
    service_->hooks->worker_create(&handler_, &worker);
    return worker;
  }

  void happen(char event) {
    switch (event) {
      case 'd':
        return receive();
      case 's':
        return take(input_.small());
      case 't':
        return pass(milliseconds(1) * (1ULL << (input_.small() % 18)));
      case 'e':
        ended_ = true;
        return session_->on_eof();
      case 'x':
        return session_->on_drain(now_ + milliseconds(10 * input_.small()));
      case 'f':
        cut_ = !pending().empty();
        return session_->on_failed(input_.byte() % 2 == 0 ? CloseReason::client_reset
                                                          : CloseReason::stopped);
      default:
        return;
    }
  }

  void receive() {
    const std::string_view piece = input_.take(std::min(input_.small(), most_read));
    if (piece.empty() || ended_ || !session_->wants_input()) return;
    lent_.emplace(piece);
    received_ += piece;
    reads_.push_back({received_.size(), now_});
    session_->on_bytes(lent_->view());
  }

  void take(std::size_t most) {
    const std::string_view taken = pending().substr(0, most);
    taken_ += taken;
    session_->on_sent(taken.size(), now_);
  }

  void pass(Duration time) { now_ += time; }

  // What is in flight stays where it is until all of it has been taken.
  std::string_view pending() {
    const std::string_view output = session_->pending_output();
    if (in_flight_.view().size() > taken_.size() - flight_begin_) {
      const std::string_view left = in_flight_.view().substr(taken_.size() - flight_begin_);
      fuzz::require_same(output, left, "output stays as it is until it is taken");
      require(output.data() == flight_place_ + (taken_.size() - flight_begin_),
              "output stays in its place");
    } else {
      in_flight_ = fuzz::Exact(output);
      flight_begin_ = taken_.size();
      flight_place_ = output.data();
    }
    return output;
  }

  bool turn() {
    const bool had_output = !session_->finished() && !pending().empty();
    if (session_->wants_last_look(now_)) session_->on_last_look(0);
    const bool more = session_->run(now_);
    if (session_->wants_taken()) session_->on_taken(told_of_taken(), now_);
    lent_.reset();
    if (session_->finished() && had_output) cut_ = true;
    if (session_->wants_shutdown()) session_->on_shutdown(now_);
    check(more);
    return more;
  }

  // A part of it may lie in the system for ever.
  asyncd::Taken told_of_taken() const {
    const std::size_t kept = std::min(taken_.size(), how_it_ends_ / 4 % 3);
    return {taken_.size() - kept, kept != 0};
  }

  void check(bool more) {
    const asyncd::SessionCounters& counters = session_->counters();
    require(counters.bytes_received == received_.size(), "what was received is counted");
    require(counters.bytes_sent == taken_.size(), "what was sent is counted");
    require(counters.messages_received == handler_.calls, "each message is one call");
    require(counters.messages_sent <= counters.messages_received + 1, "a message has one reply");
    require(counters.errors_sent <= counters.messages_sent, "an error is a reply");
    require(session_->reason() != CloseReason::none || !session_->finished(),
            "an end has a reason");
    // As is one that leaves input unanswered.
    if (session_->finished() && cut_)
      require(session_->cut_off(), "an end that cuts output off is told from others");
    if (!session_->finished() && !more)
      require(session_->deadline() > now_, "a deadline that is over has its effect");
    if (session_->finished())
      require(!session_->wants_input() && !session_->wants_shutdown() &&
                  session_->pending_output().empty(),
              "after the end nothing is wanted");
    if (session_->reason() == CloseReason::none)
      samples_.push_back(
          {counters.messages_received, counters.bytes_received, counters.bytes_sent});
  }

  // The client takes everything, or nothing any more, and ends, or never does: the session finishes
  // all the same.
  void finish() {
    const bool takes = how_it_ends_ % 2 == 0, ends = how_it_ends_ % 4 < 2;
    const std::size_t at_once = how_it_ends_ < 4 ? std::string_view::npos : 2 * how_it_ends_;
    if (ends) session_->on_eof();
    const std::size_t bound = 100 + 4 * received_.size() + expected().output.size();
    for (std::size_t step = 0; !session_->finished(); ++step) {
      require(step < bound, "it ends");
      const bool more = turn();
      if (session_->finished()) return;
      if (takes && !pending().empty()) {
        take(at_once);
      } else if (!more) {
        require(session_->deadline() != never, "something will happen to it");
        now_ = std::max(now_, session_->deadline());
      }
    }
  }

  sim::Expected expected() const { return sim::expect(serving_, received_, {reads_, taken_, {}}); }

  void check_end() const {
    const sim::Expected expected = this->expected();
    fuzz::require_same(taken_, expected.output.substr(0, taken_.size()),
                       "what is sent is what was asked for");
    check_memory(expected);
    if (cut_) return;
    const asyncd::SessionCounters& counters = session_->counters();
    const bool in_full = session_->reason() == expected.reason;
    require(counters.messages_received < expected.output_after.size(), "no message is made up");
    fuzz::require_same(
        taken_,
        in_full ? expected.output
                : expected.output.substr(0, expected.output_after[counters.messages_received]),
        "every message is answered");
    if (!in_full) return;
    require(counters.messages_received == expected.counters.messages_received,
            "every message is counted");
    require(counters.messages_sent == expected.counters.messages_sent, "every reply is counted");
    require(counters.errors_sent == expected.counters.errors_sent, "every error is counted");
  }

  // Output: at most the high-water mark and one reply. Input: an unfinished message and what one
  // read brought.
  void check_memory(const sim::Expected& expected) const {
    std::size_t longest = 0;
    for (std::size_t i = 1; i < expected.output_after.size(); ++i)
      longest = std::max(longest, expected.output_after[i] - expected.output_after[i - 1]);
    constexpr std::size_t around = 10;
    for (const Sample& sample : samples_) {
      require(sample.messages < expected.output_after.size(), "no message is made up");
      const auto messages = static_cast<std::size_t>(sample.messages);
      require(expected.output_after[messages] - sample.sent <= limits_.output_high_water + longest,
              "output is bounded");
      require(sample.received - expected.input_after[messages] <=
                  limits_.max_message + around + most_read,
              "input is bounded");
    }
  }

  fuzz::Input& input_;
  sim::Handler handler_;
  const sim::Serving serving_;
  const Limits& limits_ = serving_.limits;
  const std::size_t how_it_ends_;
  const std::shared_ptr<const asyncd::Service> service_;
  void* const worker_;
  asyncd::BufferPool pool_;
  asyncd::ConnectionInfo info_;
  Instant now_ = Instant{} + std::chrono::hours(1);
  std::optional<Session> session_;

  std::optional<fuzz::Exact> lent_;
  std::string received_;
  std::vector<Move> reads_;
  std::string taken_;
  fuzz::Exact in_flight_{""};
  std::size_t flight_begin_ = 0;
  const char* flight_place_ = nullptr;
  std::vector<Sample> samples_;
  bool ended_ = false;  // by the client
  bool cut_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Script(input).run();
  return 0;
}
