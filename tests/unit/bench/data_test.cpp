#include "cmd/bench/exchange/data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "tests/support/temporary_folder.h"

using namespace asyncd;
using bench::Data;

namespace {

std::string refusal(std::string_view text) {
  const Result<Data> data = Data::parse(text);
  return data ? "accepted" : data.error().message;
}

TEST(Data, IntegersAreWithinTheirBounds) {
  Result<Data> data = Data::parse("int:-2..2");
  ASSERT_TRUE(data);
  bench::Random random(1);
  bool seen[5] = {};
  for (int i = 0; i < 1000; ++i) {
    const int value = std::stoi(data->next(random));
    ASSERT_GE(value, -2);
    ASSERT_LE(value, 2);
    seen[value + 2] = true;
  }
  for (const bool one : seen) EXPECT_TRUE(one);
}

TEST(Data, AllIntegersAreABoundToo) {
  Result<Data> data = Data::parse("int:-9223372036854775808..9223372036854775807");
  ASSERT_TRUE(data);
  bench::Random random(1);
  EXPECT_NE(data->next(random), data->next(random));
}

TEST(Data, TextHasItsSizeAndNoLineEnd) {
  Result<Data> data = Data::parse("text:1KiB");
  ASSERT_TRUE(data);
  bench::Random random(1);
  const std::string text = data->next(random);
  EXPECT_EQ(text.size(), 1024U);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(Data, AFileHasAMessageALine) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "messages").string();
  std::ofstream(path, std::ios::binary) << "one\r\n\nthree";
  Result<Data> data = Data::parse("file:" + path);
  ASSERT_TRUE(data) << data.error().message;
  bench::Random random(1);
  for (const char* expected : {"one", "", "three", "one"}) EXPECT_EQ(data->next(random), expected);
}

TEST(Data, MistakesAreExplained) {
  const std::string expected =
      "; expected int:LEAST..MOST, text:SIZE or file:PATH, as in --data=int:0..9";
  EXPECT_EQ(refusal("int"), "--data=int: it says too little" + expected);
  EXPECT_EQ(refusal("int:9"), "--data=int:9: these are not two integers" + expected);
  EXPECT_EQ(refusal("int:9..1"),
            "--data=int:9..1: the first number is larger than the second" + expected);
  EXPECT_EQ(refusal("text:0"), "--data=text:0: the size is not one from 1B to 16MiB" + expected);
  EXPECT_EQ(refusal("word:x"), "--data=word:x: 'word' is not known" + expected);
  EXPECT_EQ(Data::parse("file:/no/such/file").error().code, ExitCode::not_found);
}

}  // namespace
