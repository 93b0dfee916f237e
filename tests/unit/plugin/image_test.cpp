// What a file is, by its first bytes.
#include <gtest/gtest.h>

#include "core/plugin/image.h"

namespace asyncd {

namespace {

struct FirstBytes {
  const char* name;
  std::string bytes;
  const char* told;
};

std::string padded(std::string bytes, std::size_t size = 64) {
  bytes.resize(size, '\0');
  return bytes;
}

std::string elf(char bits, char order, std::string machine) {
  return padded(std::string("\x7f"
                            "ELF") +
                bits + order + std::string(12, '\0') + machine);
}

std::string mach_o(std::string cpu) { return padded("\xcf\xfa\xed\xfe" + cpu); }

const std::string on_arm("\x0c\0\0\x01", 4);
const std::string on_x86("\x07\0\0\x01", 4);
const std::string universal = padded(std::string("\xca\xfe\xba\xbe\0\0\0\x02", 8));

class PluginImage : public testing::TestWithParam<FirstBytes> {};

}  // namespace

TEST_P(PluginImage, IsToldByItsFirstBytes) {
  EXPECT_EQ(name_of(identify_image(GetParam().bytes)), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Files, PluginImage,
    testing::Values(
        FirstBytes{"empty", "", "no library at all"},
        FirstBytes{"text", "#!/bin/sh\n", "no library at all"},
        FirstBytes{"elf", elf(2, 1, {62, 0}), "an ELF file for x86-64 (64 bits)"},
        FirstBytes{"elf_arm64", elf(2, 1, {'\xb7', 0}), "an ELF file for AArch64 (64 bits)"},
        FirstBytes{"elf_big_endian", elf(1, 2, {0, 8}), "an ELF file for machine type 8 (32 bits)"},
        FirstBytes{"mach_o", mach_o(on_arm), "a macOS file for AArch64"},
        FirstBytes{"mach_o_x86", mach_o(on_x86), "a macOS file for x86-64"},
        FirstBytes{"mach_o_universal", universal, "a macOS file for several machines"},
        FirstBytes{"java", std::string("\xca\xfe\xba\xbe\0\0\0\x34", 8), "no library at all"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PluginImages, FitsItsOwnMachineAndAUniversalOne) {
  const Image arm = identify_image(mach_o(on_arm));
  const Image x86 = identify_image(mach_o(on_x86));
  const Image both = identify_image(universal);
  EXPECT_TRUE(fits(arm, arm));
  EXPECT_FALSE(fits(x86, arm));
  EXPECT_TRUE(fits(both, arm));
  EXPECT_TRUE(fits(arm, both));
  EXPECT_FALSE(fits(both, identify_image(elf(2, 1, {62, 0}))));
}

}  // namespace asyncd
