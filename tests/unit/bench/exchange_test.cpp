// An exchange at every split of the bytes that come back, with replies that are right, wrong,
// missing or too many.
#include "cmd/bench/exchange/exchange.h"

#include <gtest/gtest.h>

using namespace asyncd;
using namespace asyncd::bench;

namespace {

Tape squares() {
  Tape tape;
  for (int i = 8; i < 13; ++i) tape.add(std::to_string(i) + "\n", std::to_string(i * i) + "\n");
  return tape;
}

struct Seen {
  std::string statuses;  // r, w, e
  std::vector<Instant> sent;

  auto sink() {
    return [this](const Moments& moments, ReplyStatus status) {
      const char other = status == ReplyStatus::wrong ? 'w' : 'e';
      statuses += status == ReplyStatus::right ? 'r' : other;
      sent.push_back(moments.sent);
    };
  }
};

Instant at(int second) { return Instant() + std::chrono::seconds(second); }

// Begins `count` messages and takes all that is to be sent.
std::string send(Exchange& exchange, int count, Seen& seen) {
  for (int i = 0; i < count; ++i) exchange.begin({at(i), at(i)});
  std::string sent;
  while (!exchange.unsent().empty()) {
    sent += exchange.unsent();
    exchange.on_sent(exchange.unsent().size(), seen.sink());
  }
  return sent;
}

TEST(Exchange, MessagesComeFromTheTapeAndGoOnAtItsBeginning) {
  const Tape tape = squares();
  const ReplyChecker checker({});
  for (std::size_t first = 0; first < tape.size(); ++first) {
    Exchange exchange(tape, checker, 4);
    exchange.restart(first);
    std::string expected;
    for (std::size_t i = 0; i < 4; ++i) expected += std::to_string(8 + (first + i) % 5) + "\n";
    Seen seen;
    EXPECT_EQ(send(exchange, 4, seen), expected);
    EXPECT_TRUE(exchange.is_full());
  }
}

TEST(Exchange, EveryWayToSplitWhatIsSent) {
  const Tape tape = squares();
  const ReplyChecker checker({});
  for (std::size_t first = 0; first < tape.size(); ++first)
    for (std::size_t piece = 1; piece < 12; ++piece) {
      Exchange exchange(tape, checker, 4);
      exchange.restart(first);
      for (int i = 0; i < 4; ++i) exchange.begin({});
      Seen seen;
      std::string sent;
      while (!exchange.unsent().empty()) {
        const std::string_view part = exchange.unsent().substr(0, piece);
        sent += part;
        exchange.on_sent(part.size(), seen.sink());
      }
      Exchange whole(tape, checker, 4);
      whole.restart(first);
      EXPECT_EQ(sent, send(whole, 4, seen)) << first << ' ' << piece;
    }
}

struct Case {
  const char* replies;  // to 11, 12, 8 and 9
  const char* statuses;
  Exchange::Taken taken;
};

TEST(Exchange, EveryWayToSplitWhatComesBack) {
  const Tape tape = squares();
  const ReplyChecker checker({});
  const Case cases[] = {
      {"121\n144\n64\n81\n", "rrrr", Exchange::Taken::all},
      {"121\n145\n64\n81\n", "rwrr", Exchange::Taken::all},
      {"12\n144\n64\n81\n", "wrrr", Exchange::Taken::all},
      {"1210\n144\n64\n81\n", "wrrr", Exchange::Taken::all},
      {"error: no\n144\n64\n81\n", "errr", Exchange::Taken::all},
      {"121\n1\n2\n3\n", "rwww", Exchange::Taken::all},
      {"\n144\n64\n81\n", "wrrr", Exchange::Taken::all},
      {"121\n144\n64\n81\n7", "rrrr", Exchange::Taken::unasked},
      {"121\n144\n64\n82\n7\n", "rrrw", Exchange::Taken::unasked},
      {"121\n14", "r", Exchange::Taken::all},
      {"121\n15", "r", Exchange::Taken::all},
  };
  for (const Case& one : cases)
    for (std::size_t piece = 1; piece <= 20; ++piece) {
      Exchange exchange(tape, checker, 4);
      exchange.restart(3);
      Seen seen;
      send(exchange, 4, seen);
      auto taken = Exchange::Taken::all;
      for (std::string_view rest = one.replies; !rest.empty() && taken == Exchange::Taken::all;) {
        taken = exchange.on_bytes(rest.substr(0, piece), seen.sink());
        rest.remove_prefix(std::min(piece, rest.size()));
      }
      EXPECT_EQ(seen.statuses, one.statuses) << one.replies << piece;
      EXPECT_EQ(taken, one.taken) << one.replies << piece;
      for (std::size_t i = 0; i < seen.sent.size(); ++i)
        EXPECT_EQ(seen.sent[i], at(static_cast<int>(i)));
      EXPECT_EQ(exchange.in_flight(), 4 - seen.statuses.size());
    }
}

// Each may not cost more than the one before it, of stack or of time.
TEST(Exchange, AHundredThousandWrongRepliesAtOnce) {
  constexpr int count = 100'000;
  Tape tape = squares();
  tape.repeat_to(2 * count);
  const ReplyChecker checker({});
  Exchange exchange(tape, checker, count);
  exchange.restart(0);
  Seen seen;
  send(exchange, count, seen);
  std::string replies;
  for (int i = 0; i < count; ++i) replies += "1\n";
  EXPECT_EQ(exchange.on_bytes(replies, seen.sink()), Exchange::Taken::all);
  EXPECT_EQ(seen.statuses, std::string(count, 'w'));
}

TEST(Exchange, NobodyKnowsWhereARawReplyEndsAfterAWrongOne) {
  const Tape tape = squares();
  const ReplyChecker checker({.kind = FramingKind::raw});
  Exchange exchange(tape, checker, 2);
  exchange.restart(0);
  Seen seen;
  send(exchange, 2, seen);
  EXPECT_EQ(exchange.on_bytes("65\n81\n", seen.sink()), Exchange::Taken::lost);
  EXPECT_EQ(seen.statuses, "w");
}

TEST(Exchange, MessagesWithoutAReplyAreOverOnceTheyAreSent) {
  Tape tape;
  tape.add("a\n", "");
  tape.add("b\n", "B\n");
  tape.add("c\n", "");
  const ReplyChecker checker({});
  Exchange exchange(tape, checker, 2);
  exchange.restart(0);
  Seen seen;
  send(exchange, 2, seen);
  EXPECT_EQ(seen.statuses, "r");
  exchange.on_bytes("B\n", seen.sink());
  EXPECT_EQ(seen.statuses, "rr");
  send(exchange, 1, seen);
  EXPECT_EQ(seen.statuses, "rrr");
  EXPECT_EQ(exchange.in_flight(), 0U);
}

TEST(Exchange, RepliesThatAreNotOnATape) {
  const Tape tape = [] {
    Tape unknown;
    for (int i = 0; i < 5; ++i) unknown.add("x\n", "");
    return unknown;
  }();
  const struct {
    ReplyChecker::Check check;
    std::optional<std::regex> pattern;
    const char* statuses;
  } cases[] = {{ReplyChecker::Check::none, {}, "rre"},
               {ReplyChecker::Check::regex, std::regex("[0-9]+"), "rwe"}};
  for (const auto& one : cases)
    for (std::size_t piece = 1; piece < 20; ++piece) {
      const ReplyChecker checker({}, one.check, one.pattern);
      Exchange exchange(tape, checker, 3);
      exchange.restart(0);
      Seen seen;
      send(exchange, 3, seen);
      for (std::string_view rest = "12\nab\nerror: x\n"; !rest.empty();) {
        EXPECT_EQ(exchange.on_bytes(rest.substr(0, piece), seen.sink()), Exchange::Taken::all);
        rest.remove_prefix(std::min(piece, rest.size()));
      }
      EXPECT_EQ(seen.statuses, one.statuses) << piece;
      EXPECT_EQ(exchange.on_bytes("1", seen.sink()), Exchange::Taken::unasked);
      // That belonged to no message, so it is not kept for the next one.
      send(exchange, 1, seen);
      EXPECT_EQ(exchange.on_bytes("error: y\n", seen.sink()), Exchange::Taken::all);
      EXPECT_EQ(seen.statuses.back(), 'e');
    }
}

TEST(Tape, IsRepeatedUntilItIsLongEnough) {
  Tape tape = squares();
  tape.repeat_to(12);
  EXPECT_EQ(tape.size(), 12U);
  EXPECT_EQ(tape.requests(), "8\n9\n10\n11\n12\n8\n9\n10\n11\n12\n8\n9\n");
  EXPECT_EQ(tape.message_at(0), 0U);
  EXPECT_EQ(tape.message_at(4), 2U);
  EXPECT_EQ(tape.message_at(7), 3U);
}

// Whatever was sent of them: what is under way is sent again as a whole, and its replies are told
// with its own moments.
TEST(Exchange, ANewConnectionGoesOnWithWhatIsUnderWay) {
  const Tape tape = squares();
  const ReplyChecker checker({});
  for (std::size_t first = 0; first < tape.size(); ++first)
    for (std::size_t answered = 0; answered < 4; ++answered) {
      Exchange exchange(tape, checker, 4);
      exchange.restart(first);
      Seen seen;
      const std::string requests = send(exchange, 4, seen);
      std::string replies, rest;
      std::size_t begin = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        const int number = 8 + static_cast<int>((first + i) % 5);
        (i < answered ? replies : rest) += std::to_string(number * number) + "\n";
        if (i < answered) begin = requests.find('\n', begin) + 1;
      }
      EXPECT_EQ(exchange.on_bytes(replies, seen.sink()), Exchange::Taken::all);
      EXPECT_TRUE(exchange.is_between());
      exchange.resume();
      EXPECT_EQ(exchange.in_flight(), 4 - answered);
      EXPECT_EQ(send(exchange, 0, seen), requests.substr(begin));
      EXPECT_EQ(exchange.on_bytes(rest.substr(0, 1), seen.sink()), Exchange::Taken::all);
      EXPECT_FALSE(exchange.is_between());
      EXPECT_EQ(exchange.on_bytes(rest.substr(1), seen.sink()), Exchange::Taken::all);
      EXPECT_EQ(seen.statuses, "rrrr");
      for (int i = 0; i < 4; ++i) EXPECT_EQ(seen.sent[static_cast<std::size_t>(i)], at(i));
    }
}

TEST(Exchange, ABegunReplyIsNotBetweenTwo) {
  const Tape tape = squares();
  const ReplyChecker checker({}, ReplyChecker::Check::none);
  Exchange exchange(tape, checker, 2);
  Seen seen;
  send(exchange, 1, seen);
  EXPECT_TRUE(exchange.is_between());
  exchange.on_bytes("6", seen.sink());
  EXPECT_FALSE(exchange.is_between());
  exchange.on_bytes("4\n", seen.sink());
  EXPECT_TRUE(exchange.is_between());
}

}  // namespace
