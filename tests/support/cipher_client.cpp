#include "tests/support/cipher_client.h"

#include <algorithm>
#include <array>

namespace asyncd::test {

std::string CipherClient::hello() {
  return std::string(client_hellos) + out_.encode(Cipher::Word::ping);
}

IoResult CipherClient::receive(std::span<char> buffer, const Receive& receive_wire) {
  while (plain_.empty()) {
    if (broken_) return {.status = IoResult::Status::reset};
    std::array<char, 65536> wire;
    const IoResult received = receive_wire(wire);
    if (received.status == IoResult::Status::eof && !ended_)
      return {.status = IoResult::Status::reset};
    if (received.status != IoResult::Status::ok) return received;
    decode({wire.data(), received.bytes});
  }
  const std::size_t size = plain_.copy(buffer.data(), buffer.size());
  plain_.erase(0, size);
  return {.status = IoResult::Status::ok, .bytes = size};
}

void CipherClient::decode(std::string_view wire) {
  const std::size_t missing = server_hellos.size() - heard_.size();
  heard_ += wire.substr(0, missing);
  wire.remove_prefix(std::min(missing, wire.size()));
  if (!server_hellos.starts_with(heard_)) broken_ = true;
  std::string words;
  if (broken_ || (ended_ && !wire.empty()) || !in_.decode(wire, plain_, words)) broken_ = true;
  ended_ = ended_ || words.find(static_cast<char>(Cipher::Word::close)) != std::string::npos;
}

}  // namespace asyncd::test
