// The examples of FIPS 180-4's own validation: its messages, and lengths about the end of a block.
#include "core/security/sha256.h"

#include <gtest/gtest.h>

namespace asyncd {

namespace {

struct Example {
  std::string name;
  std::string message;
  std::string digest;
};

class Sha256 : public testing::TestWithParam<Example> {};

TEST_P(Sha256, IsThatOfTheStandard) { EXPECT_EQ(sha256(GetParam().message), GetParam().digest); }

INSTANTIATE_TEST_SUITE_P(
    Examples, Sha256,
    testing::Values(
        Example{"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        Example{"one_block", "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        Example{"two_blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        Example{"long_message",
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqkl"
                "mnopqrlmnopqrsmnopqrs"
                "tnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        Example{"a_million", std::string(1'000'000, 'a'),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        Example{"one_byte", "\xbd",
                "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        Example{"zeros_55", std::string(55, '\0'),
                "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        Example{"zeros_56", std::string(56, '\0'),
                "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        Example{"zeros_57", std::string(57, '\0'),
                "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        Example{"zeros_64", std::string(64, '\0'),
                "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"}),
    [](const auto& row) { return row.param.name; });

}  // namespace

}  // namespace asyncd
