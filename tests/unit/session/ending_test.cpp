// The end of a connection as a table: each state with each event.
#include "core/session/ending.h"

#include <gtest/gtest.h>

#include <array>

namespace asyncd {
namespace {

using State = Ending::State;
using Event = Ending::Event;

struct Row {
  State state;
  Event event;
  State then;
};

constexpr std::array<Row, Ending::state_count * Ending::event_count> rows{{
    {State::open, Event::close, State::flushing},
    {State::open, Event::output_shut, State::open},
    {State::open, Event::client_ended, State::open},
    {State::open, Event::linger_over, State::open},
    {State::open, Event::cut, State::finished},
    {State::flushing, Event::close, State::flushing},
    {State::flushing, Event::output_shut, State::lingering},
    {State::flushing, Event::client_ended, State::finished},
    {State::flushing, Event::linger_over, State::flushing},
    {State::flushing, Event::cut, State::finished},
    {State::lingering, Event::close, State::lingering},
    {State::lingering, Event::output_shut, State::lingering},
    {State::lingering, Event::client_ended, State::finished},
    {State::lingering, Event::linger_over, State::finished},
    {State::lingering, Event::cut, State::finished},
    {State::finished, Event::close, State::finished},
    {State::finished, Event::output_shut, State::finished},
    {State::finished, Event::client_ended, State::finished},
    {State::finished, Event::linger_over, State::finished},
    {State::finished, Event::cut, State::finished},
}};

// Brings a fresh one into a state by events alone.
Ending in(State state) {
  Ending ending;
  if (state != State::open) ending.close(CloseReason::drained);
  if (state == State::lingering) ending.on(Event::output_shut);
  if (state == State::finished) ending.on(Event::client_ended);
  return ending;
}

TEST(Ending, EachStateAndEventLeadsWhereTheTableSays) {
  for (const Row& row : rows) {
    Ending ending = in(row.state);
    ASSERT_EQ(ending.state(), row.state);
    ending.on(row.event);
    EXPECT_EQ(ending.state(), row.then)
        << static_cast<int>(row.state) << " on " << static_cast<int>(row.event);
  }
}

TEST(Ending, NothingLeadsBack) {
  for (const Row& row : rows) EXPECT_GE(Ending::after(row.state, row.event), row.state);
}

TEST(Ending, AnEndInOrderIsClean) {
  Ending ending = in(State::lingering);
  ending.on(Event::linger_over);
  EXPECT_TRUE(ending.is_finished());
  EXPECT_FALSE(ending.cut_off());
  EXPECT_EQ(ending.reason(), CloseReason::drained);
}

struct Cut {
  State state;
  bool unsent;
  bool unanswered;
  bool cut_off;
  CloseReason reason;
};

TEST(Ending, ACutTellsWhetherSomethingIsMissing) {
  for (const Cut& one : {Cut{State::open, false, false, false, CloseReason::stopped},
                         Cut{State::open, false, true, true, CloseReason::stopped},
                         Cut{State::open, true, false, true, CloseReason::stopped},
                         Cut{State::flushing, true, false, true, CloseReason::stopped},
                         Cut{State::flushing, false, true, false, CloseReason::drained},
                         Cut{State::lingering, false, true, false, CloseReason::drained},
                         Cut{State::finished, false, true, false, CloseReason::drained}}) {
    Ending ending = in(one.state);
    ending.cut(CloseReason::stopped, one.unsent, one.unanswered);
    EXPECT_TRUE(ending.is_finished());
    EXPECT_EQ(ending.cut_off(), one.cut_off) << static_cast<int>(one.state);
    EXPECT_EQ(ending.reason(), one.reason) << static_cast<int>(one.state);
  }
}

}  // namespace
}  // namespace asyncd
