// SimLentInput: the memory that a SimLoop reads into: exactly what was read, so that a sanitizer
// sees a session that looks beyond it, or later; a later look finds nonsense, too. One thread.
#pragma once

#include <cstring>
#include <memory>
#include <span>

namespace asyncd::test {

class SimLentInput {
 public:
  std::span<char> lend(std::size_t size) {
    take_back();
    bytes_ = std::make_unique<char[]>(size);
    size_ = size;
    return {bytes_.get(), size};
  }
  void take_back() {
    if (bytes_) std::memset(bytes_.get(), '~', size_);
    bytes_.reset();
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace asyncd::test
