// GuardedBytes: memory that is lent to a handler. Guards before and behind it show that more was
// written than was lent, and memory that was taken back shows a later write. One thread at
// a time; owned by a LentCall.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace asyncd {

class GuardedBytes {
 public:
  static constexpr char guard = '\xfd';  // what guards are made of

  // Bytes of no meaning, good until they are lent again or taken back.
  char* lend(std::size_t size);
  char* data() { return bytes_.data() + guard_size; }
  const char* data() const { return bytes_.data() + guard_size; }
  std::size_t size() const { return size_; }

  enum class Damage : std::uint8_t {
    none,
    before,
    behind,
    beyond,  // a guard was not wide enough: other memory is spoilt, too
  };
  Damage damage() const;

  // From here on the handler may not write to it. Much memory is given back at once: a sanitizer
  // still sees who uses that.
  void take_back();
  bool written_since() const;

 private:
  static constexpr std::size_t guard_size = 256;
  static constexpr std::size_t last_bytes =
      8;                                // of a guard; damage here means the write went further
  static constexpr char over = '\xdd';  // what is in bytes that are not lent

  std::vector<char> bytes_ = std::vector<char>(2 * guard_size, over);
  std::size_t size_ = 0;
};

}  // namespace asyncd
