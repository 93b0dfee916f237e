// RandomMessages: what clients might send, of all kinds: nothing, text, numbers, commands, long, of
// any bytes. The same for a seed wherever it runs. One thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace asyncd {

class RandomMessages {
 public:
  RandomMessages(std::uint64_t seed, std::size_t longest) : random_(seed), longest_(longest) {}

  std::string next();
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

 private:
  std::string bytes(std::size_t size);
  std::string letters(std::string_view from, std::size_t size);
  std::string command();

  std::mt19937_64 random_;
  const std::size_t longest_;
};

}  // namespace asyncd
