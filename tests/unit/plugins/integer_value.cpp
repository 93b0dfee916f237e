// What square and double compute, compared with arithmetic on single digits as it is done on paper.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "library.h"
#include "sdk/fake_host.hpp"

namespace {

using asyncd::fake_reply;

std::string without_leading_zeros(const std::string& digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

std::string product_on_paper(const std::string& left, const std::string& right) {
  std::vector<int> cells(left.size() + right.size(), 0);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int factor = left[i] - '0';
    int* cell = &cells[i + 1];  // plain pointers: most builds of the tests are not optimised
    for (const char* digit = right.data(); *digit != '\0'; ++digit)
      *cell++ += factor * (*digit - '0');
  }
  for (std::size_t i = cells.size() - 1; i != 0; --i) {
    cells[i - 1] += cells[i] / 10;
    cells[i] %= 10;
  }
  std::string digits;
  for (const int cell : cells) digits.push_back(static_cast<char>('0' + cell));
  return without_leading_zeros(digits);
}

class IntegerValue : public testing::Test {
 protected:
  void check(const std::string& digits) {
    const std::string twice = product_on_paper(digits, "2");
    const std::string minus = twice == "0" ? "" : "-";
    ASSERT_EQ(square.send("-" + digits), fake_reply(product_on_paper(digits, digits))) << digits;
    ASSERT_EQ(doubling.send(digits), fake_reply(twice)) << digits;
    ASSERT_EQ(doubling.send("-" + digits), fake_reply(minus + twice)) << digits;
  }

  std::string random_digits(std::size_t size) {
    std::uniform_int_distribution<int> any(0, 9);
    std::string digits;
    while (digits.size() < size) digits.push_back(static_cast<char>('0' + any(random)));
    if (digits[0] == '0') digits[0] = '7';
    return digits;
  }

  // Long runs of zeros and nines: what carries and zero limbs depend on.
  std::string extreme_digits(std::size_t size) {
    std::uniform_int_distribution<std::size_t> length(1, 20);
    std::string digits = "1";
    for (char run = '9'; digits.size() < size; run = run == '9' ? '0' : '9')
      digits.append(std::min(length(random), size - digits.size()), run);
    return digits;
  }

  std::mt19937 random{20261123};
  asyncd::fake_host square{load_shipped_plugin("square")};
  asyncd::fake_host doubling{load_shipped_plugin("double")};
};

TEST_F(IntegerValue, EverySmallNumber) {
  for (int number = 0; number <= 20000; ++number) {
    ASSERT_EQ(square.send(std::to_string(number)), fake_reply(std::to_string(number * number)));
    ASSERT_EQ(doubling.send(std::to_string(-number)), fake_reply(std::to_string(-2 * number)));
  }
}

TEST_F(IntegerValue, TheEdgesOfMachineIntegers) {
  for (const char* digits :
       {"2147483647", "2147483648", "4294967295", "4294967296", "4294967297", "3037000499",
        "3037000500", "4611686018427387903", "4611686018427387904", "9223372036854775807",
        "9223372036854775808", "9223372036854775809", "18446744073709551615",
        "18446744073709551616", "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456"})
    check(digits);
}

TEST_F(IntegerValue, PowersOfTenAndTheirNeighbours) {
  for (std::size_t zeros = 0; zeros <= 64; ++zeros) {
    const std::string power = "1" + std::string(zeros, '0');
    check(power);
    check(std::string(zeros + 1, '9'));
    if (zeros != 0) check("1" + std::string(zeros - 1, '0') + "1");
    check("5" + std::string(zeros, '0'));
    check("4" + std::string(zeros, '9'));
  }
}

TEST_F(IntegerValue, EverySizeUpToTwoHundredDigits) {
  for (std::size_t size = 1; size <= 200; ++size) {
    for (int repeat = 0; repeat < 4; ++repeat) check(random_digits(size));
    check(extreme_digits(size));
    check(std::string(size, '9'));
  }
}

TEST_F(IntegerValue, ManyNumbersOfEachQuickSize) {
  for (std::size_t size = 1; size <= 20; ++size)
    for (int repeat = 0; repeat < 300; ++repeat) check(random_digits(size));
}

TEST_F(IntegerValue, RandomSizes) {
  std::uniform_int_distribution<std::size_t> any_size(201, 1500);
  for (int repeat = 0; repeat < 40; ++repeat) {
    check(random_digits(any_size(random)));
    check(extreme_digits(any_size(random)));
  }
}

TEST_F(IntegerValue, TheLargest) {
  for (const std::size_t size : {4285u, 4286u, 4287u, 4294u, 4295u, 4299u, 4300u}) {
    check(random_digits(size));
    check(extreme_digits(size));
  }
  check(std::string(4300, '9'));
  check("1" + std::string(4299, '0'));
}

}  // namespace
