#include "core/net/address.h"
#include "core/net/socket_creation.h"

#include <gtest/gtest.h>

#include <string>

namespace asyncd {
namespace {

std::string read(std::string_view text) {
  const Result<Address> address = parse_address(text);
  return address ? address->to_string() : address.error().message;
}

std::string refusal(const std::string& shown, const std::string& why) {
  return "bad address '" + shown + "': " + why +
         "; expected host:port, [::]:port, :port or unix:/path";
}

TEST(Address, IsPrintedAsItIsWritten) {
  for (const char* text :
       {"127.0.0.1:8080", "[::]:0", ":65535", "localhost:1", "unix:/run/a b", "unix:x"})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(read(":0080"), ":80");
}

TEST(Address, WhatIsNoneIsRefused) {
  EXPECT_EQ(read("8080"), refusal("8080", "a port alone is written ':8080'"));
  EXPECT_EQ(read("localhost"), refusal("localhost", "the port is missing"));
  EXPECT_EQ(read("localhost:http"), refusal("localhost:http", "'http' is not a port (0 to 65535)"));
  EXPECT_EQ(read(":65536"), refusal(":65536", "'65536' is not a port (0 to 65535)"));
  EXPECT_EQ(read("::1:80"), refusal("::1:80", "an IPv6 address is written in brackets"));
  EXPECT_EQ(read("[::1:80"), refusal("[::1:80", "']' is missing"));
  EXPECT_EQ(read("[host]:80"), refusal("[host]:80", "brackets are for IPv6 addresses"));
  EXPECT_EQ(read("unix:"), refusal("unix:", "the path is missing"));
}

TEST(Address, ANameWithoutAFileIsLinuxsAlone) {
  if (has_abstract_sockets()) {
    EXPECT_EQ(read("unix:@name"), "unix:@name");
    EXPECT_EQ(read("unix:@"), refusal("unix:@", "the name after '@' is missing"));
  } else {
    const std::string why =
        "'@' stands for an abstract socket, which Linux alone has; a file of that name is unix:./";
    EXPECT_EQ(read("unix:@name"), refusal("unix:@name", why + "@name"));
  }
  EXPECT_EQ(read("unix:./@name"), "unix:./@name");
  EXPECT_NE(read(std::string("unix:@a\0b", 9)).find("it holds a control byte"), std::string::npos);
}

TEST(Address, ARefusalActsOnNoTerminal) {
  EXPECT_EQ(read("a:\xff\xe2\x80\xae"),
            refusal("a:\\xff\\xe2\\x80\\xae", "'\\xff\\xe2\\x80\\xae' is not a port (0 to 65535)"));
  EXPECT_EQ(read("\x1b[31m\n:80"), refusal("\\x1b[31m\\n:80", "it holds a control byte"));
}

TEST(Address, HoldsNoControlByte) {
  for (const std::string& text :
       {std::string("a\0b:80", 6), std::string("unix:a\0b", 8), std::string("unix:\x7f")})
    EXPECT_NE(read(text).find("it holds a control byte"), std::string::npos) << text;
}

}  // namespace
}  // namespace asyncd
