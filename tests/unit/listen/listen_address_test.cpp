// Where a name's sockets listen, which addresses overlap, and how several sockets are one
// listener's.
#include "core/listen/listen_address.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/listen/accept_error.h"
#include "core/listen/listen_sockets.h"
#include "core/net/socket_creation.h"
#include "tests/support/client.h"
#include "tests/support/listen_on.h"

namespace asyncd::test {

namespace {

constexpr Duration longest_wait = std::chrono::seconds(30);

ListenAddress at(const std::string& text, bool only_ipv6 = false) {
  ListenAddress address = listen_addresses(*parse_address(text))->front();
  address.only_ipv6 = only_ipv6;
  return address;
}

TEST(ListenAddress, CoversWhatItsClientsCouldHaveConnectedTo) {
  const ListenAddress one = at("127.0.0.1:80"), all4 = at("0.0.0.0:80"), one6 = at("[::1]:80"),
                      all = at("[::]:80"), all6 = at("[::]:80", true);
  const auto covers = [&](const ListenAddress& which) {
    std::string names;
    for (const auto& [name, other] :
         {std::pair{"one ", one}, {"all4 ", all4}, {"one6 ", one6}, {"all6 ", all6}, {"all", all}})
      if (which.covers(other)) names += name;
    return names;
  };
  EXPECT_EQ(covers(one), "one ");
  EXPECT_EQ(covers(one6), "one6 ");
  EXPECT_EQ(covers(all4), "one all4 ");
  EXPECT_EQ(covers(all6), "one6 all6 ");
  EXPECT_EQ(covers(all), "one all4 one6 all6 all");
  EXPECT_FALSE(all.overlaps(at("127.0.0.1:81")));
  EXPECT_FALSE(one.overlaps(at("127.0.0.2:80")));
  EXPECT_FALSE(all.overlaps(at("unix:80")));
  EXPECT_TRUE(at("unix:80").overlaps(at("unix:80")));
}

TEST(ListenAddress, IsPrintedAsItIsWritten) {
  for (const char* text : {"127.0.0.1:80", "[::1]:80", "0.0.0.0:0", "unix:/run/a b"})
    EXPECT_EQ(at(text).to_string(), text);
  EXPECT_EQ(at("[::ffff:127.0.0.1]:80").to_string(), "127.0.0.1:80");
}

TEST(ListenAddress, ANameThatIsNotThereIsAnError) {
  const auto none = listen_addresses({.host = "no.such.name.invalid", .port = 80});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ExitCode::cannot_create);
}

class Sockets : public testing::Test {
 protected:
  Sockets() : first_(listen_on({.host = "127.0.0.1"})), second_(listen_on({.host = "127.0.0.1"})) {}

  static std::vector<ListenSocket> only(Result<ListenSocket>& socket) {
    std::vector<ListenSocket> result;
    result.push_back(std::move(*socket));
    return result;
  }
  // Whether a client comes within the time that it may take.
  static bool comes(ListenSockets& sockets, Instant now) {
    Accepted accepted;
    wait_readable(sockets.handles(), longest_wait);
    return sockets.accept(now, accepted) == 0;
  }
  static bool is_empty(ListenSockets& sockets, Instant now) {
    Accepted accepted;
    return classify_accept_error(sockets.accept(now, accepted)) == AcceptError::would_block;
  }

  Result<ListenSocket> first_, second_;
  const int first_port_ = first_->address().ip.port, second_port_ = second_->address().ip.port;
  const Instant now_ = Clock::now();
};

TEST_F(Sockets, ClientsOfEachAreTakenInInTurn) {
  std::vector<ListenSocket> own = only(first_);
  own.push_back(std::move(*second_));
  ListenSockets sockets(std::move(own), {});
  ASSERT_EQ(sockets.handles().size(), 2U);
  EXPECT_TRUE(is_empty(sockets, now_));
  const Client one(first_port_), other(second_port_), another(second_port_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(comes(sockets, now_));
  EXPECT_TRUE(is_empty(sockets, now_));
  sockets.close();
  EXPECT_TRUE(sockets.handles().empty());
  EXPECT_TRUE(sockets.places().empty());
  Accepted accepted;
  EXPECT_EQ(classify_accept_error(sockets.accept(now_, accepted)), AcceptError::broken);
}

TEST_F(Sockets, OneThatLeavesGoesOnceWhoHasComeIsTakenIn) {
  ListenSockets sockets(only(first_), only(second_));
  const NativeSocket leaving = sockets.handles().back();
  NativeSocket unwatched = no_socket;
  sockets.set_unwatch([&](NativeSocket socket) { unwatched = socket; });
  const Client early(second_port_);
  EXPECT_EQ(sockets.next(), never);
  sockets.settle();
  const Instant late = sockets.next();
  EXPECT_LT(late, never);
  EXPECT_TRUE(comes(sockets, late));
  EXPECT_EQ(sockets.handles().size(), 2U);
  EXPECT_TRUE(is_empty(sockets, late - std::chrono::milliseconds(1)));
  EXPECT_EQ(sockets.handles().size(), 2U);
  EXPECT_TRUE(is_empty(sockets, late));
  EXPECT_EQ(sockets.handles().size(), 1U);
  EXPECT_EQ(unwatched, leaving);
  EXPECT_EQ(sockets.next(), never);
  const Client client(first_port_);
  EXPECT_TRUE(comes(sockets, late));
}

TEST_F(Sockets, OneMovesToAllAddressesWhereTheSystemLetsTwoStandSideBySide) {
  if (!can_share_ports()) GTEST_SKIP() << "this system lets no two listen whose addresses overlap";
  ListenAddress all = listen_addresses({.host = "0.0.0.0"})->front();
  all.ip.port = static_cast<std::uint16_t>(first_port_);
  const auto beside = [&] {
    std::vector<ListenSocket> result;
    result.push_back(std::move(*first_->duplicate()));
    return result;
  };
  {
    Result<ListenSocket> given_up = ListenSocket::bind(all, beside());
    ASSERT_TRUE(given_up) << given_up.error().message;
  }
  Result<ListenSocket> next = ListenSocket::bind(all, beside());
  ASSERT_TRUE(next) << next.error().message;
  const Client before(first_port_);  // one that is bound only takes no clients
  const Result<void> listening = next->listen();
  ASSERT_TRUE(listening) << listening.error().message;
  ListenSockets sockets(only(first_), {});
  EXPECT_TRUE(comes(sockets, now_));
  sockets.close();
  const Client after(first_port_);
  ListenSockets later(only(next), {});
  EXPECT_TRUE(comes(later, now_));
}

}  // namespace

}  // namespace asyncd::test
