// What the fuzz targets share. A target is a function of bytes that aborts where something does not
// hold: libFuzzer calls it with inputs of its own making, replay.cpp with those of the corpus. One
// thread; nothing is kept between two inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

// Aborts, and says what does not hold.
void require(bool holds, std::string_view what);
void require_same(std::string_view got, std::string_view expected, std::string_view what);

// A copy whose memory ends where it ends, so that a sanitizer sees who reads on.
class Exact {
 public:
  explicit Exact(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  char* data() { return bytes_.data(); }
  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

// An input, taken from its front. Where it is used up there are zeros, so that every beginning of
// an input is one, too.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte();
  // a byte; a digit counts as what it means: seeds are written by hand
  std::size_t small();
  std::uint64_t number(std::size_t bytes);   // little-endian
  std::string_view take(std::size_t bytes);  // or what is left
  std::string_view rest() { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace fuzz
